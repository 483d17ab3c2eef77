"""The failure clinic: each patient is sick, each change really does what its option says, and the record is fresh."""

import json
import re
import time
from dataclasses import replace

import pytest
import torch
from matplotlib import pyplot

from ganlib import practice
from ganlib.networks import MLP
from ganlib.practice import clinic

CHAPTER = practice.chapter("clinic")
PATIENTS = [e for number in practice.numbers() for e in practice.chapter(number) if isinstance(e, clinic.Patient)]
RUNS = {}
each = pytest.mark.parametrize("patient", PATIENTS, ids=lambda p: p.id)
each_change = pytest.mark.parametrize(("patient", "position"), [(p, i) for p in PATIENTS for i in range(len(p.offers))],
                                      ids=lambda x: getattr(x, "id", x))


@pytest.fixture(autouse=True)
def own_progress(monkeypatch, tmp_path):
    monkeypatch.setenv("GANLIB_PROGRESS", str(tmp_path / "progress.json"))


def measured(patient, override=None):
    """`clinic.run`, each recipe trained once."""
    recipe = replace(patient.recipe, **(override or {}))
    if recipe.fingerprint not in RUNS:
        start = time.process_time()
        RUNS[recipe.fingerprint] = clinic.run(recipe), time.process_time() - start
    return RUNS[recipe.fingerprint]


@each
def test_the_untreated_patient_is_sick_in_every_seed(patient):
    found, _ = measured(patient)
    assert all(clinic.within(patient.sick, found)), found
    assert not any(clinic.within(patient.well, found)), found


@each_change
def test_a_change_cures_if_and_only_if_its_option_says_so(patient, position):
    offer = patient.offers[position]
    found, seconds = measured(patient, offer.override)
    well = clinic.within(patient.well, found)
    assert all(well) if offer.cures else sum(well) <= 1, (offer.text, found)
    assert seconds < 20


@each
def test_a_change_changes_the_recipe_and_no_two_are_the_same(patient):
    recipes = [patient.recipe, *(replace(patient.recipe, **o.override) for o in patient.offers)]
    assert len({r.fingerprint for r in recipes}) == len(recipes)
    assert len(patient.offers) >= 4 and len(patient.failures) == 4


@each
def test_sick_and_well_leave_room_between_them(patient):
    gaps = []
    for name in patient.sick.keys() & patient.well.keys():
        (low, high), (least, most) = patient.sick[name], patient.well[name]
        gaps.append(max(least - high, low - most) / max(abs(least), abs(high)))
    assert max(gaps) > 0.5


@each
def test_the_record_is_fresh_and_shows_the_symptom(patient):
    kept = clinic.recorded()[patient.id]
    again = "python -m ganlib.practice.clinic record"
    assert kept["fingerprint"] == patient.recipe.fingerprint, f"the recipe has changed: {again} {patient.id}"
    assert all(clinic.within(patient.sick, kept["before"]))
    assert [row["step"] for row in kept["log"]] == [i * patient.recipe.steps // 6 for i in range(7)]
    seen = clinic.compare(torch.tensor(kept["generated"]), patient.recipe)
    for name in patient.sick.keys() & seen.keys():
        assert clinic.within({name: patient.sick[name]}, {name: [seen[name]]}) == [True], seen
    assert len(kept["generated"]) == len(kept["data"]) == 150


def test_the_record_holds_no_one_else_and_is_small():
    assert set(clinic.recorded()) == {p.id for p in PATIENTS}
    assert clinic.FILE.stat().st_size < 120_000
    assert "NaN" not in clinic.FILE.read_text() and json.loads(clinic.FILE.read_text())


@each
def test_the_picture_and_the_table(patient, capsys):
    assert patient.record.count("\n| ") >= 8
    assert not re.search(r"\bnan\b|\binf\b", patient.record)
    patient.examine()
    assert not pyplot.get_fignums()
    assert len(patient.alt.split()) >= 5 and len(patient.alt) >= 30


def test_alt_texts_are_unique():
    assert len({p.alt for p in PATIENTS}) == len(PATIENTS)


@each
def test_a_wrong_diagnosis_gets_its_own_reason_without_training(patient, monkeypatch):
    monkeypatch.setattr(clinic, "train", lambda *a, **k: pytest.fail("trained"))
    for letter, failure in zip("abcd", patient.failures, strict=True):
        if not failure.right:
            assert patient.grade(letter, "a").message == failure.reason


@pytest.mark.parametrize("name", ["too_weak", "saturating"])
def test_the_right_answers_pass_in_time(name):
    patient = CHAPTER[name]
    start = time.monotonic()
    answer = re.findall(r'"(\w)"', patient.solved)
    verdict = patient.grade(*answer)
    assert verdict.outcome == "pass", verdict
    assert time.monotonic() - start < 20
    assert "share of good samples" in verdict.message.lower() and "5 of 5 seeds are well" in verdict.message


def test_a_right_diagnosis_with_a_wrong_change_is_told_what_was_measured():
    verdict = CHAPTER["detached"].grade("a", "b")
    assert verdict.outcome == "fail" and "The diagnosis is right." in verdict.message
    assert "0 of 5 seeds are well" in verdict.message


def test_a_run_that_diverges_is_not_well(monkeypatch):
    def diverge(*arguments, **settings):
        raise clinic.Diverged("no", [])
    monkeypatch.setattr(clinic, "train", diverge)
    found = clinic.run(PATIENTS[0].recipe)
    assert not any(clinic.within(PATIENTS[0].well, found)) and not any(clinic.within(PATIENTS[0].sick, found))


# --- The machinery ------------------------------------------------------------------------------------------


def test_the_network_without_extras_is_an_mlp():
    torch.manual_seed(0)
    plain = MLP(2, 8, 8, 1, activation="tanh")
    torch.manual_seed(0)
    own = clinic.Network(2, 8, 8, 1, activation="tanh")
    x = torch.randn(16, 2)
    assert torch.equal(own(x), plain(x))


@pytest.mark.parametrize("settings", [{"norm": True}, {"sigmoid": True}, {"norm": True, "sigmoid": True}])
def test_a_stack_computes_what_its_members_compute(settings):
    singles = [clinic.Network(2, 8, 8, 1, **settings) for _ in range(3)]
    x = torch.randn(3, 16, 2)
    for one, part in zip(singles, x, strict=True):
        one(part + 1)  # batch norm remembers
    stacked = singles[0].stack(singles)
    for training in (True, False):
        stacked.train(training)
        expected = torch.cat([one.train(training)(part) for one, part in zip(singles, x, strict=True)])
        torch.testing.assert_close(stacked(x.flatten(0, 1)), expected)
    for one, again, part in zip(singles, stacked.unstack(), x, strict=True):
        torch.testing.assert_close(one.eval()(part), again.eval()(part))


def test_batch_norm_is_that_of_torch():
    network = clinic.Network(2, 8, 1, norm=True, activation="linear")
    reference = torch.nn.BatchNorm1d(8, affine=False)
    x = torch.randn(64, 2) * 3 + 1
    hidden = network.layers[0](x)
    torch.testing.assert_close(network(x), network.layers[1](reference(hidden)))
    torch.testing.assert_close(network.mean0[0, 0], reference.running_mean)
    shifted = 5 * x + torch.tensor([3.0, -2.0])
    torch.testing.assert_close(network(shifted), network(x), atol=1e-3, rtol=1e-3)


def test_an_ensemble_with_faults_equals_its_single_runs():
    """Where a batch is shared among members, nothing may leak from one to the other."""
    for faults in ({"norm_d": True, "joint": True}, {"norm_g": True}, {"sigmoid": True}, {"loss": "labels_d"},
                   {"loss": "wasserstein", "penalty": "per_batch", "weight": 10.0}, {"detached": True}):
        recipe = clinic.Recipe(clinic.circle(4, 1.0), 0.15, generator=(2, 8, 2), discriminator=(2, 8, 1), steps=5,
                               **faults)
        both, alone = clinic.train(recipe, seeds=[0, 1]), clinic.train(recipe, seeds=[1])
        assert both[1].discriminator_loss == pytest.approx(alone[0].discriminator_loss, rel=1e-3), faults
        assert both[1].generator_loss == pytest.approx(alone[0].generator_loss, rel=1e-3), faults


def test_the_faulty_losses_are_what_they_say():
    real, fake = torch.randn(50), torch.randn(50)
    right, swapped = clinic.LOSSES["non_saturating"], clinic.LOSSES["labels_d"]
    assert swapped.discriminator(real, fake) == pytest.approx(float(right.discriminator(fake, real)))
    assert swapped.generator(fake) == right.generator(fake)
    assert clinic.LOSSES["labels_both"].generator(fake) == pytest.approx(float(right.generator(-fake)))


def test_one_norm_over_the_batch():
    critic = MLP(2, 1)
    slope = float(critic.layers[0].weight.detach().norm())
    real, fake = torch.randn(2, 64, 2)
    value = clinic._per_batch(critic, real, fake, weight=10.0, n=64)
    assert float(value.detach()) == pytest.approx(10 * (8 * slope - 1) ** 2, rel=1e-4)
