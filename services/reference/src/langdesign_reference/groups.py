"""Reads a verb with the objects that share it."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from langdesign_reference.arguments import coordinate, take_apart
from langdesign_reference.clause import BARE
from langdesign_reference.frames import AVOIDED, FRAMES, Draft, Named, Part, Slot
from langdesign_reference.interpretation import interpret
from langdesign_reference.joining import AND, Group, says_too
from langdesign_reference.lexicon import Lexicon
from langdesign_reference.meanings import all_attributes
from langdesign_reference.phrases import (
    Kind,
    Phrase,
    is_definite,
    is_indefinite,
    names_noun,
    phrase,
    starts_with_preposition,
    thing,
    trim,
)
from langdesign_reference.plan import Operation, Role
from langdesign_reference.values import content_start, without_former
from langdesign_reference.words import Words


class GroupReader:
    """Says what a group asks for."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._lexicon = lexicon

    def with_spot(self, draft: Draft, group: Group) -> Draft:
        """Return a draft with the place that was named without a preposition."""
        if group.spot is None:
            return draft
        return replace(draft, named=(*draft.named, Named(phrase(group.spot, self._lexicon), Role.ANCHOR)))

    def drafts(self, group: Group) -> Iterator[Draft]:
        """Yield what the group asks for."""
        found = self.instead(group)
        if found:
            yield found
        elif group.value is not None:
            yield from self._subject_first(group)
        else:
            for themes, part in self._shared(group.frame, group.parts):
                yield self.marked(interpret(group.frame, group.verb, themes, part, self._lexicon), group)

    def marked(self, draft: Draft, group: Group) -> Draft:
        """Note whether it was said that something is not wanted, or comes instead."""
        lexicon = self._lexicon
        words = [word for part in group.parts for word in part]
        instead = lexicon.words.rather.find(words) is not None or lexicon.words.places.find(words) is not None
        return replace(draft, instead=draft.instead or instead, denied=draft.denied or self._denies(group))

    def _denies(self, group: Group) -> bool:
        return group.frame == "deny" or self._lexicon.words.no.length_at(group.verb, 0) > 0

    def _shared(self, frame: str, bodies: Iterable[Words]) -> Iterator[tuple[list[Words], Part]]:
        """Group objects with what they share: "the chair | the table white" is both white."""
        themes, groups = list[Words](), list[tuple[list[Words], Part]]()
        for body in bodies:
            part = take_apart(frame, body, self._lexicon)
            if groups and not part.second and self._goes_on(frame, groups[-1], part):
                last_themes, last = groups[-1]
                groups[-1] = last_themes, replace(last, second=[*last.second, AND, *part.theme])
                continue
            themes.append(part.theme)
            if part.second:
                groups.append((themes, part))
                themes = []
        if themes:
            groups = self._with_rest(frame, groups, themes, part)
        return iter(groups)

    def _goes_on(self, frame: str, last: tuple[list[Words], Part], part: Part) -> bool:
        """Whether a phrase goes on with what the verb takes: "on the left shelf and the right one"."""
        slot, definite = FRAMES[frame].slot, is_definite(part.theme, self._lexicon)
        if slot is Slot.PLACE:
            return definite and self._lexicon.definite_by_article
        if slot in {Slot.VALUE, Slot.REPLACEMENT, Slot.GIFT, Slot.COVERING}:
            return last[1].linked and not definite and is_indefinite(part.theme, self._lexicon)
        return False

    def _with_rest(
        self, frame: str, groups: list[tuple[list[Words], Part]], themes: list[Words], final: Part
    ) -> list[tuple[list[Words], Part]]:
        if not groups or FRAMES[frame].slot is Slot.PLACE:
            return [*groups, (themes, final)]
        last, part = groups[-1]
        return [*groups[:-1], ([*last, *themes], part)]

    def _subject_first(self, group: Group) -> Iterator[Draft]:
        lexicon = self._lexicon
        value = group.value or ()
        also = [part for part in group.parts[group.subjects :] if says_too(part, lexicon)]
        subjects = [*group.parts[: group.subjects], *also]
        gapped = [part for part in group.parts[group.subjects :] if part not in also]
        themes = [theme for part in subjects for theme in coordinate(part, lexicon)]
        if group.frame == "replace":  # "a mirrored one should take its place"
            pronoun = Named(Phrase(Kind.PRONOUN, ()), Role.TARGET)
            yield Draft(Operation.REPLACE, (pronoun,), value=tuple(trim(value, lexicon)), instead=True)
            return
        link = lexicon.prepositions.result.length_at(value, 0)
        if link and len(value) > link:
            linking, second = value[:link], value[link:]
        else:
            linking, second = (), value
        linked = (
            is_indefinite(second, lexicon) and not lexicon.attributes.more.length_at(second, 0)
        ) or lexicon.attributes.likeness.length_at(value, 0) > 0
        part = Part(themes[-1], without_former(second, lexicon), linking, linked)
        yield interpret(group.frame, group.verb, themes, part, lexicon)
        for more, following in self._shared("bare", gapped):
            yield interpret("bare", (), more, following, lexicon)

    def arrow(self, group: Group) -> Draft:
        """Read "sofa -> blue", "desk -> under the window"."""
        lexicon, value = self._lexicon, group.value or ()
        themes = [theme for part in group.parts for theme in coordinate(part, lexicon)]
        end = len(value)
        if (
            lexicon.words.no.length_at(value, 0) == end
            or lexicon.telegraph.out.length_before(value, end) == end
        ):
            return interpret("remove", (), themes, Part(themes[-1]), lexicon)
        where = lexicon.prepositions.where.length_at(value, 0)
        if where and (place := trim(value[where:], lexicon)):  # "desk -> where bed was"
            targets = tuple(Named(phrase(theme, lexicon), Role.TARGET) for theme in themes)
            return Draft(Operation.MOVE, (*targets, Named(phrase(place, lexicon), Role.ANCHOR)))
        goes = starts_with_preposition(value, lexicon) or lexicon.prepositions.directions.length_at(value, 0)
        spot = lexicon.heads.spots.length_before(value, end)  # "opposite wall" is one
        if (
            goes
            and not (spot and (spot == end or not starts_with_preposition(value, lexicon)))
            and lexicon.attributes.states.length_at(value, 0) < end
        ):
            link = lexicon.prepositions.result.length_at(value, 0)
            if not (link and all_attributes(value[link:], lexicon)):
                return interpret(
                    "move", (), themes, take_apart("move", [*themes[-1], *value], lexicon), lexicon
                )
            value = value[link:]
        value = without_former(value, lexicon)
        spot = lexicon.heads.spots.length_before(value, len(value)) and not all_attributes(value, lexicon)
        if spot and not is_indefinite(value, lexicon):  # "armchair -> left corner"
            targets = tuple(Named(phrase(theme, lexicon), Role.TARGET) for theme in themes)
            return Draft(Operation.MOVE, (*targets, Named(phrase(value, lexicon), Role.ANCHOR)))
        thing = is_indefinite(value, lexicon) or (
            names_noun(value, lexicon) and not all_attributes(value, lexicon)
        )
        if thing and all(phrase(theme, lexicon).kind is Kind.WHOLE for theme in themes):
            return interpret("add", (), [value], take_apart("add", value, lexicon), lexicon)
        return interpret(
            "change" if not thing else "replace", (), themes, Part(themes[-1], value, (), thing), lexicon
        )

    def instead(self, group: Group) -> Draft | None:
        """Read "a bench instead of the chairs", "instead of the chairs a bench"."""
        lexicon = self._lexicon
        body = [
            word for number, part in enumerate(group.parts) for word in ([AND] if number else []) + list(part)
        ]
        avoided = any(word.key == AVOIDED for word in (group.value or ())[:1])  # "shouldn't be that orange"
        if avoided or (group.value is not None and not body):
            return None
        body += list(group.value or ())
        found = lexicon.prepositions.instead.find(body)
        if found is None and group.frame in {"put", "add", "move", BARE}:
            found = lexicon.prepositions.where.find(body, 1)
            if found and take_apart("add", body[: found[0]], lexicon).second:
                return None  # "a shelf on the wall where the tv is"
        new: Words = body[: found[0]] if found else ()
        old: Words = body[sum(found) :] if found else ()
        if found is None or group.frame in {"remove", "deny"}:
            return None
        if all_attributes(old, lexicon) and (is_definite(new, lexicon) or not names_noun(old, lexicon)):
            return None  # "the sofa in white instead of grey"
        new = new[: len(new) - lexicon.prepositions.destination.length_before(new, len(new))]
        if group.frame in {"put", "move"} and is_definite(new, lexicon):  # "put the stool where the lamp is"
            moved = (Named(thing(new, lexicon), Role.TARGET), Named(phrase(old, lexicon), Role.ANCHOR))
            return Draft(Operation.MOVE, moved, tuple(group.verb))
        if not trim(new, lexicon):
            old, new = _cut_new(old, lexicon)
        named = tuple(Named(phrase(one, lexicon), Role.TARGET) for one in coordinate(old, lexicon))
        return Draft(Operation.REPLACE, named, tuple(group.verb), tuple(trim(new, lexicon)))


def _cut_new(words: Words, lexicon: Lexicon) -> tuple[Words, Words]:
    """Cut "of the chairs a bench" before the new thing."""
    for index in range(content_start(words, lexicon) + 1, len(words)):
        asks = (lexicon.words.rather, lexicon.verbs.want, lexicon.verbs.put, lexicon.verbs.add)
        rather = next((found for kind in asks if (found := kind.length_at(words, index))), 0)
        if rather or lexicon.words.indefinite.length_at(words, index) or words[index].key == ",":
            joined = words[index - 1] is AND
            return words[: index - joined], words[index + (rather or words[index].key == ",") :]
    return words, ()
