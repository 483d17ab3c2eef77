"""For the tests of data sets: a machine without network."""

import socket

import pytest


@pytest.fixture
def no_network(monkeypatch):
    def refused(*_args, **_keywords):
        raise AssertionError("the network was touched")

    monkeypatch.setattr(socket, "socket", refused)
    monkeypatch.setattr(socket, "getaddrinfo", refused)
