"""Nothing is shown that does not hold; a garbling model falls back on the plain rendering."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest
import torch

from trail.baselines import p_top
from trail.explain import draft, explain, tell, untuned, without_tuning, write, writer
from trail.explain import explanation as module
from trail.explain.draft import checked
from trail.explain.writer import Begun
from trail.facts import Verdict, plain, verify


@pytest.fixture
def scene(trained, history):
    forecaster = trained[0].fit(history[:-1])
    cards = history[-1].cards
    forecast = forecaster.predict(cards)
    return forecaster, cards, forecast, p_top(forecast, 5, seed=0)


def test_a_random_model_garbles_and_the_plain_rendering_holds(scene):
    found = explain(*scene, rows=[0, 3, 1], k=5)
    assert [each.item_id for each in found] == [scene[1].item_ids[row] for row in (0, 3, 1)]
    for each in found:
        assert each.source == "plain"
        assert each.tries == len(module.TRIES)
        assert each.verification.holds
        for one in each.verification.checked:
            claim = one.claim
            assert 0 <= claim.start < claim.end <= len(each.text)
            assert one.verdict in (Verdict.SUPPORTED, Verdict.CONTEXT)


def test_a_true_text_is_shown_and_a_false_one_written_again(scene, monkeypatch):
    told = tell(*scene, rows=[0, 1], k=5)
    true = [plain(each.card, each.outlook, each.drivers) for each in told]
    false = [f"{text} It had 9,999 events last week." for text in true]
    drafts = module.TRIES[1][1]
    answers = iter([[false[0], true[1]], [*[false[0]] * (drafts - 1), true[0]]])
    monkeypatch.setattr(module, "write", lambda *_, **__: next(answers))
    found = explain(*scene, rows=[0, 1], k=5)
    assert [(each.source, each.tries) for each in found] == [("model", 2), ("model", 1)]
    assert found[0].refused == (false[0],)
    assert [each.text for each in found] == true


def test_ranks_and_chances_are_those_of_the_forecast(scene):
    _, _, forecast, chance = scene
    best = int(np.argmax(forecast.score))
    (told,) = tell(*scene, rows=[best], k=5)
    assert told.outlook.rank == 1
    assert told.outlook.p_top == pytest.approx(chance[best])
    assert told.outlook.expected == pytest.approx(forecast.expected[best])


def test_a_sentence_that_only_repeats_is_dropped_and_a_false_one_is_not(scene):
    (told,) = tell(*scene, rows=[0], k=5)
    true = plain(told.card, told.outlook, told.drivers)
    last = true.split(". ")[-1]
    assert draft.without_repeats(f"{true} {last}", told) == true
    assert draft.without_repeats(f"{true} It had 9,999 events last week.", told).endswith(
        "9,999 events last week."
    )


def test_what_is_true_is_not_always_worth_showing(scene):
    (told,) = tell(*scene, rows=[0], k=5)
    true = plain(told.card, told.outlook, told.drivers)
    forecast_only = true.split(". ")[0] + "."

    def fit(text: str) -> bool:
        found = checked(told, text)
        return found.holds and draft.well_formed(text, found)

    assert fit(true)
    count = f"{told.card['count_1']:,g}"
    ranged = f"{true} It had {count} events last week, between 0 and 99,999."
    assert checked(told, ranged).holds
    assert not fit(ranged)
    assert not fit(true[:-1])
    assert not fit(f"{true} {true}")
    doubled = true.replace(" events ", " events events ", 1)
    assert checked(told, doubled).holds
    assert not fit(doubled)
    card = replace(told.card, metadata={**told.card.metadata, "title": "Duran Duran"})
    named = f'For "Duran Duran", {true[0].lower()}{true[1:]}'
    found = checked(replace(told, card=card), named)
    assert found.holds
    assert draft.well_formed(named, found)
    assert not fit(forecast_only)
    assert checked(told, f"It had {count} events last week.").holds
    assert not fit(f"It had {count} events last week.")


def test_a_true_text_that_is_no_english_is_gone_on_with_from_before_it(scene):
    (told,) = tell(*scene, rows=[0], k=5)
    true = plain(told.card, told.outlook, told.drivers)
    rank = f"in the catalogue last {told.card.horizon.noun}"
    place = f"number {told.card['rank']:.0f}"
    bad, good = (f"{true} Plus, it {verb} {place} {rank}." for verb in ("had", "was"))
    first, second = draft.Draft.of(bad, told), draft.Draft.of(good, told)
    assert first.read.holds
    assert not first.shown
    assert second.shown
    assert bad[: first.holds_to] == f"{true} Plus, "


def test_a_text_goes_on_otherwise_from_its_first_false_clause(scene, monkeypatch):
    (told,) = tell(*scene, rows=[0], k=5)
    true = plain(told.card, told.outlook, told.drivers)
    start = true.split(". ")[0] + "."
    false = f"{start} Plus, it had 9,999 events last week."
    again = f"{start} Also, it lost 9,999 customers."
    bad = "It had 9,999 events last week."
    seen, answers = [], iter([false, again, false, bad, true])

    def write(forecaster, told, *, begun: list, **_):
        assert len(told) == len(begun) == dict(enumerate(module.TRIES))[len(seen)][1]
        assert len(set(begun)) == 1
        seen.append(begun[0])
        # all drafts but one are false from their first word
        return [*[bad] * (len(told) - 1), next(answers)]

    monkeypatch.setattr(module, "write", write)
    (found,) = explain(*scene, rows=[0], k=5)
    assert (found.text, found.tries, found.refused) == (true, 5, (false, again, false, bad))
    first = Begun(f"{start} Plus,", frozenset({"it"}))
    second = Begun(f"{start} Also,", frozenset({"it"}))
    words = [Begun(module.opening(told, seed)) for seed in range(5)]
    assert seen == [words[0], first, second, Begun(f"{start} Plus,", frozenset({"it"})), words[4]]
    seen, answers = [], iter([false, false, false, false, true])
    explain(*scene, rows=[0], k=5, anew=True)
    assert seen == words


def test_texts_begin_as_differently_as_lessons_do_and_never_with_a_number(scene):
    told = tell(*scene, rows=range(len(scene[1])), k=5)
    found = [module.opening(each, 0) for each in told]
    assert found == [module.opening(each, 0) for each in told]
    assert max(found.count(each) for each in found) <= len(found) // 3
    assert len({module.opening(told[0], seed) for seed in range(20)}) > 5
    for each, one in zip(found, told, strict=True):
        assert each
        assert each == each.strip(" (")
        assert not re.search(r"\d", re.sub(r'"[^"]*"', "", each))
        assert verify(f"{each} {one.outlook.expected:.0f} events next week.", one.card, one.outlook).checked


def test_of_drafts_that_hold_one_with_a_second_reason_is_shown(scene, monkeypatch):
    forecaster, cards, forecast, chances = scene
    (told,) = tell(forecaster, cards, forecast, chances, [0], k=5)
    card, expected = told.card, told.outlook.expected
    one = f"Expect {expected:.0f} events next week. It had {card.values['count_1']:.0f} events last week."
    both = f"{one[:-1]}, and {card.values['count_2']:.0f} events two weeks ago."
    assert [draft.reasons(verify(each, card, told.outlook)) for each in (one, both)] == [1, 2]
    drafts = [one, "No.", both, one, "No.", "No."]
    monkeypatch.setattr(module, "write", lambda _, asked, **__: drafts if len(asked) > 1 else ["No."])
    (found,) = explain(forecaster, cards, forecast, chances, [0], k=5)
    assert (found.text, found.tries) == (both, 2)


def test_what_a_text_is_not_gone_on_with_adds_up(scene):
    (told,) = tell(*scene, rows=[0], k=5)
    true = plain(told.card, told.outlook, told.drivers)
    start = true.split(". ")[0] + "."

    def after(text: str, begun: Begun) -> Begun:
        return draft.Draft.of(text, told).gone_on(begun)

    once = after(f"{start} It had 9,999 events last week.", Begun())
    assert once == Begun(start, frozenset({"It"}))
    assert after(f"{start} Last week it had 9,999 events.", once) == Begun(start, frozenset({"It", "Last"}))
    assert after("It had 9,999 events last week.", once) == Begun("", frozenset({"It"}))
    # true, but without the forecast: anew, and otherwise
    past = [f"{told.card[name]:,g} events" for name in ("count_1", "count_2")]
    text = f"It had {past[0]} last week. It had {past[1]} two weeks ago."
    assert checked(told, text).holds
    assert after(text, Begun()) == Begun("", frozenset({"It"}))
    # true, but not worth showing: all but the last sentence
    last = true.rindex(". ") + 2
    assert after(true, Begun()) == Begun(true[: last - 1], frozenset({true[last:].split()[0]}))
    assert after(start, Begun()) == Begun("", frozenset({start.split()[0]}))


def test_a_text_that_is_begun_is_gone_on_with_but_not_by_a_word_that_failed(scene):
    (told,) = tell(*scene, rows=[0], k=5)
    start = "It had 3 events last week."
    (freely,) = write(scene[0], [told], begun=[Begun(start)])
    assert freely.startswith(start)
    word = freely.removeprefix(start).split()[0]
    (barred,) = write(scene[0], [told], begun=[Begun(start, frozenset({word}))])
    assert barred.startswith(start)
    assert barred.removeprefix(start).strip()[0] != word[0]


@pytest.mark.parametrize("masked", [False, True])
def test_the_untuned_backbone_is_asked_what_the_model_is_asked(scene, masked, monkeypatch):
    """The same tokens, also in the prompts of a model that hides titles; the weights are those that came."""
    asked = []

    def continued(backbone, starts, *, temperature, **_):
        asked.append((starts, temperature, next(iter(backbone.state_dict().values()))))
        return [backbone.encode(" It is up.")] * len(starts)

    monkeypatch.setattr(writer, "continued", continued)
    forecaster = replace(scene[0], reader=replace(scene[0].reader, mask_titles=masked))
    told = tell(*scene, rows=[0, 1, 2], k=5)
    settings = replace(forecaster.settings, mask_titles=masked)
    assert untuned(settings, told) == ["It is up."] * 3
    blank = without_tuning(forecaster)
    write(blank, told)
    write(forecaster, told)
    (mine, drawn, weights), (before, _, came), (tuned, _, _) = asked
    assert mine == before == tuned
    assert (drawn, torch.equal(weights, came)) == (0.0, True)
    title = told[0].card.metadata["title"]
    assert (title in blank.reader.backbone.tokenizer.decode(mine[0])) is not masked
