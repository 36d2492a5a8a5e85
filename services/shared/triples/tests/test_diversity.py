"""Near-duplicates are found, and a report says how varied a set is."""

from dataclasses import replace

from langdesign_triples import GrammarWriter, NearDuplicates, diversity


def test_a_triple_that_hardly_differs_is_a_near_duplicate(red_chair, bedroom):
    seen = NearDuplicates([red_chair])
    assert seen.is_near(replace(red_chair, edit="Paint the chair blue."))
    assert seen.is_near(replace(red_chair, edit="paint the chair, blue!"))
    assert not seen.is_near(replace(red_chair, edit="Could the chair be green?"))
    assert not seen.is_near(bedroom)
    seen.add(bedroom)
    assert seen.is_near(bedroom)


def test_a_pair_just_above_the_threshold_is_found_too(red_chair):
    found = 0
    for turn in range(60):
        words = [f"first{turn}", *(f"word{number}" for number in range(60))]
        others = [*words[:-3], f"a{turn}", f"b{turn}", f"c{turn}"]  # 59 of 65 shingles of the two are in both
        one, other = (
            replace(red_chair, edit="x", input="x", output=" ".join(said)) for said in (words, others)
        )
        found += NearDuplicates([one]).is_near(other)
    assert found == 60


def test_the_index_finds_what_a_comparison_of_all_pairs_finds(wardrobe):
    triples, found = [*GrammarWriter(wardrobe, 3).triples(50)], {}
    for like in (0.2, 0.4, 0.9):
        near = NearDuplicates(like=like)
        told = [(near.is_near(triple), near.add(triple))[0] for triple in triples]
        alone = [NearDuplicates([one], like) for one in triples]
        compared = [any(one.is_near(triple) for one in alone[:at]) for at, triple in enumerate(triples)]
        assert told == compared
        found[like] = sum(told)
    assert 0 == found[0.9] < found[0.4] < found[0.2] < len(triples)


def test_a_set_of_one_triple_many_times_is_told(red_chair):
    report = diversity([red_chair] * 10)
    assert report.near_duplicates == 0.9
    assert report.distinct_edits == 0.1
    assert report.by_change == {"alter": 10}
    assert report.by_subject == {"chair": 10}


def test_the_report_of_nothing_is_finite():
    report = diversity([])
    assert (report.count, report.near_duplicates, report.distinct_1, report.distinct_2) == (0, 0, 0, 0)


def test_the_report_reads_as_tables(wardrobe):
    told = diversity(GrammarWriter(wardrobe, 0).triples(40)).markdown()
    assert "| triples | 40 |" in told
    assert "| hat | 6 |" in told
    assert "| near duplicates | 0.000 |" in told
