"""The exercises, one file a chapter: ``ch02.py`` for chapter 2. Each defines ``CHAPTER``."""
