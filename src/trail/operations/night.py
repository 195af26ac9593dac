"""One night: each step sees by what is there whether it is done, and what failed stops only what needs it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from trail.engine import value_hash
from trail.errors import DataError, EngineError, TrailError
from trail.operations.afterwards import push, work_out_moves
from trail.operations.alerting import Alerted, folder_told, outbox_of, send, tell_next
from trail.operations.arriving import of_end
from trail.operations.causes import forget_moves
from trail.operations.changes import Change, changed, remember, together
from trail.operations.data import Data, prepare
from trail.operations.forecasting import forecast, intended
from trail.operations.journal import Journal
from trail.operations.mapping import forget_mapped
from trail.operations.models import BACKTEST, records
from trail.operations.publishing import Published, named_by, publish, read_pointer
from trail.operations.retention import retire
from trail.operations.scoring import scorecard
from trail.operations.serving import BEST, TRAIL, served
from trail.operations.source import TRAINING, source_hash
from trail.operations.steps import STEPS, Did, Run, Step, left_out, tried
from trail.operations.training import train
from trail.operations.workspace import Report, Workspace, moment_name
from trail.snapshots import folders_in, read_manifest

#: Keys of a manifest in words, where they are another than a forecast of now would have.
_OTHER = {
    "data": "an earlier state of the data",
    "by": "another forecaster",
    "k": "another top",
    "explained": "another number of texts",
    "events": "another name of the events",
    "configuration": "other settings",
}

_UNPUBLISHED = Did("nothing is published", changed=False)


@dataclass
class Night:
    """The steps, and what the later ones must know of the earlier ones.

    Attributes:
        workspace: The project.
        retrain: Days of the log after which the model is trained again; 0 for never.
        keep: Snapshots kept; 0 for all.
        by: Who is asked for the numbers.
        report: Told what goes on.
        journal: That of the last run, which becomes that of this one.
        steps: Those that were tried or left out.
        change: What the reading changed.
        data: What was read.
        before: The snapshot that was published at the beginning.
        published: What the step of publishing did.
        resumed: Whether a run goes on that did not end.
        mistake: A mistake of ours in a step, raised at the end.
    """

    workspace: Workspace
    retrain: int
    keep: int
    by: str
    report: Report
    journal: Journal
    steps: list[Step] = field(default_factory=list)
    change: Change | None = None
    data: Data | None = None
    before: Path | None = None
    published: Published | None = None
    resumed: bool = False
    mistake: Exception | None = None

    def passed(self) -> Run:
        """Tries the steps in their order and returns what became of them."""
        self._try("ingest", self._ingest)
        data = self.data
        if data is None:
            self.journal.unread(self.steps[0])
            self.steps += [left_out(each, "the sources were not read") for each in STEPS[1:]]
        else:
            cutoff = data.log.last_cutoff()
            self._try("train", lambda: self._train(data, cutoff))
            sealed = self._try("forecast", lambda: self._forecast(data, cutoff))
            self._try("scorecard", lambda: self._score(data))
            without = "" if sealed else "there is no forecast of this night"
            self._try("publish", lambda: self._publish(cutoff), without)
            exported = self._try("export", self._export)
            self._try("alerts", self._alert)  # what waits is sent, though nothing is new
            self._try("moves", lambda: self._move(data, exported=exported))
            self._try("retention", self._retire)
            self.journal.end()  # before the data are read the journal speaks of another night, which is gone on with
        if self.journal.error is not None:
            error = self.journal.error
            self.steps.append(Step("journal", "failed", 0.0, str(error), error.as_dict(), error.exit_code))
        if self.mistake is not None:
            raise self.mistake
        return Run(
            self.workspace.folder,
            data.log.last_cutoff() if data else None,
            tuple(self.steps),
            self.change,
            self.before,
            self.published.folder if self.published else self._served(),
            self.resumed,
        )

    def _try(self, name: str, call: Callable[[], Did], without: str = "") -> bool:
        """Tries a step, unless something is said that it would be without; returns whether it did not fail."""
        if without:
            self.steps.append(left_out(name, without))
            return False
        stage = f"{STEPS.index(name) + 1}/{len(STEPS)} {name}"
        self.report(stage, 0, 1)
        step, mistake = tried(name, call)
        self.mistake = self.mistake or mistake
        self.steps.append(step)
        if self.data is not None:  # before that the journal speaks of another night
            self.journal.note(step)
        self.report(stage, 1, 1)
        return step.status != "failed"

    def _ingest(self) -> Did:
        data = prepare(self.workspace, self.report)
        found = changed(self.workspace, data)
        self.before = self._served()
        key = [
            *(data.fingerprint, data.log.last_cutoff().isoformat(), self.workspace.project.as_dict()),
            *(self.retrain, self.keep, self.by, source_hash(*TRAINING, "operations/changes")),
        ]
        changes = [*self._untold(found), found]
        told = {
            "changes": [asdict(each) for each in changes],
            "before": self.before.name if self.before else "",
        }
        self.resumed = self.journal.open_at(value_hash(key), **told)
        if self.resumed:
            changes = _changes(self.journal.values)
            name = self.journal.values["before"]
            self.before = self.workspace.snapshots / name if name else None
        remember(self.workspace, data)
        found = together(changes)
        self.data, self.change = data, found
        figures = {**asdict(found), "items": data.items.rows, "data": data.fingerprint}
        moved = bool(found.first or found.new or found.vanished or found.files)
        words = (found.words, *of_end(data.log, data.log.last_cutoff()))
        return Did(". ".join(words).rstrip("."), figures, changed=moved)

    def _untold(self, found: Change) -> list[Change]:
        """Returns what earlier runs read that did not end, so that nobody was told of it."""
        changes = [] if self.journal.values.get("ended") else _changes(self.journal.values)
        remembered = not changes or changes[-1].since != found.since  # else it was read again now
        return changes if remembered else changes[:-1]

    def _train(self, data: Data, cutoff: datetime) -> Did:
        maker = served(self.workspace, data, self.by, at=cutoff)
        if maker.by != TRAIL and not maker.untrained:
            who = "the best baseline" if maker.by == BEST else maker.by
            return Did(f"{who} forecasts, which needs no model", changed=False)
        known = [each for each in records(self.workspace) if each.moment <= cutoff]
        known = [each for each in known if not each.name.startswith(BACKTEST)]
        if known:
            newest = max(known, key=lambda each: each.moment)
            age = (cutoff - newest.moment).days
            if not self.retrain or age < self.retrain:
                after = f"; the next is due after {self.retrain}" if self.retrain else ""
                return Did(
                    f"the model {newest.name} is {age} days old{after}", {"model": newest.name}, changed=False
                )
        same = self.journal.values["key"] == self.journal.values.get("last_key")
        done = train(self.workspace.folder, until=cutoff, resume=self.resumed or same, report=self.report)
        said = f"the model {done.name} on {done.cutoffs} cutoffs"
        return Did(said, {"model": done.name, "fingerprint": done.fingerprint}, changed=not done.already)

    def _forecast(self, data: Data, cutoff: datetime) -> Did:
        target = self.workspace.snapshots / moment_name(cutoff)
        if target.exists():
            there = read_manifest(target)
            other = there.differs(intended(self.workspace, data, cutoff, by=self.by)[0])
            if other:
                why = " and ".join(_OTHER.get(each, f"another {each}") for each in other)
                late = self.change.late if self.change and "data" in other else 0
                came = f"; {late:,} late events came since" if late else ""
                said = f"{target.name} stays as it was sealed, from {why}{came}"
                return Did(
                    said, {"snapshot": target.name, "seal": there.seal, "differs": other}, changed=False
                )
        done = forecast(self.workspace.folder, at=cutoff, by=self.by, data=data, report=self.report)
        manifest, texts = done.snapshot.manifest, done.snapshot.explanations
        written = sum(each.source == "model" for each in texts)
        if not done.already:
            self.journal.values["sealed"] = manifest.seal
        said = (
            f"{manifest.items:,} items, {len(texts)} texts, {written} by the model, sealed in {target.name}"
        )
        figures = {
            "snapshot": target.name,
            "seal": manifest.seal,
            "items": manifest.items,
            "texts": len(texts),
            "by_the_model": written,
            "forecaster": manifest.forecaster,
            "notes": done.notes,
        }
        return Did(f"{said} before" if done.already else said, figures, changed=not done.already)

    def _score(self, data: Data) -> Did:
        if not folders_in(self.workspace.snapshots):
            return Did("there is no snapshot", changed=False)
        done = scorecard(self.workspace.folder, data=data, report=self.report)
        card = done.card
        said = f"{len(done.fresh)} scored now, {len(card.scores)} in all, {len(card.waiting)} not due"
        figures = {
            "scored_now": done.fresh,
            "scored": len(card.scores),
            "waiting": len(card.waiting),
            "refused": [asdict(each) for each in card.refused],
        }
        if not card.refused:
            return Did(said, figures, changed=bool(done.fresh))
        first = card.refused[0]
        said += f", {len(card.refused)} refused, such as {first.snapshot}: {first.why}"
        return Did(said, figures, error=DataError(said))

    def _publish(self, cutoff: datetime) -> Did:
        target = self.workspace.snapshots / moment_name(cutoff)
        stays = self._served()
        why = self._why_stays(stays, target, cutoff) if stays else ""
        if stays and why:
            return Did(f"{stays.name} stays: it {why}", changed=False)
        done = publish(self.workspace.folder, at=cutoff)
        self.published = done
        self.journal.values["published"] = done.seal
        figures = {"snapshot": done.folder.name, "seal": done.seal, "published": done.published}
        return Did(f"{done.folder.name}, seal {done.seal[:16]}", figures, changed=not done.already)

    def _alert(self) -> Did:
        hooks = self.workspace.project.webhooks
        if not hooks and not outbox_of(self.workspace).waiting():
            return Did("no webhook in trail.toml", changed=False)
        shown = (self.published.folder if self.published else self._served()) if hooks else None
        told, error = Alerted(), None
        try:
            told = tell_next(self.workspace.folder, shown) if shown else told
        except TrailError as failed:  # what waits from earlier nights is sent all the same
            told, error = Alerted(note=str(failed)), failed
        done = send(self.workspace.folder)
        said = f"{told.made} messages made, {done.sent} delivered, {done.waiting} wait"
        beyond = f"{told.left_out} news beyond the daily budget are not told" if told.left_out else ""
        said += f", {done.given_up} given up" if done.given_up else ""
        said = "; ".join([said, *filter(None, (beyond, told.note, done.note))])
        figures = {"made": told.made, "left_out": told.left_out, "sent": done.sent, "waiting": done.waiting}
        figures["given_up"] = done.given_up
        if done.troubles:
            said += f": {done.troubles[0]}; tried again by the next run or `trail alerts`"
            error = error or EngineError(said)
        return Did(said, figures, changed=bool(told.made or done.sent), error=error)

    def _export(self) -> Did:
        return push(self.workspace, self.report, keep=self.keep) if self._served() else _UNPUBLISHED

    def _move(self, data: Data, *, exported: bool) -> Did:
        shown, change = self._served(), self.change
        if shown is None:
            return _UNPUBLISHED
        on_time = change.since if change and not (change.late or change.vanished) else ""
        sealed = self.journal.values.get("sealed", "")
        did = work_out_moves(self.workspace, shown, data, on_time=on_time, sealed=sealed, report=self.report)
        if did.changed and exported:  # the forecast did not wait for them; they follow it
            push(self.workspace, self.report, keep=self.keep)
        return did

    def _why_stays(self, other: Path, target: Path, cutoff: datetime) -> str:
        """Returns why another one than this night's stays published; empty if it does not."""
        if other == target:
            return ""
        try:
            if read_manifest(other).moment > cutoff:
                return "is later"
            by_hand = self.journal.values.get("published") == read_manifest(target).seal
        except DataError:  # nobody can want to keep a damaged one; publishing says which it is
            return ""
        return f"was published by hand after {target.name}" if by_hand else ""

    def _retire(self) -> Did:
        told = folder_told(self.workspace) if self.workspace.project.webhooks else None
        spared = [each for each in (self.before, self._served(), told) if each is not None]
        done = retire(self.workspace, self.keep, spared)
        forget_mapped(self.workspace, spared)
        forget_moves(self.workspace)
        said = f"{len(done.removed)} snapshots removed" if done.removed else "no snapshot to remove"
        if done.waiting:
            said += f", {len(done.waiting)} older ones stay until they are scored"
        return Did(said, asdict(done), changed=bool(done.removed))

    def _served(self) -> Path | None:
        """Returns the folder that the pointer names; null where there is none."""
        try:
            return named_by(self.workspace, read_pointer(self.workspace))
        except DataError:
            return None


def _changes(values: Mapping[str, Any]) -> list[Change]:
    """Returns what the journal kept of readings."""
    return [
        Change(**{**each, "doubled": tuple((one, two) for one, two in each["doubled"])})
        for each in values.get("changes", ())
    ]
