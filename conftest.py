"""What all tests share: the figures that promises print, shown at the end of every run."""

import pytest

FIGURE = "figure"


@pytest.fixture
def figure(record_property):
    """Keeps a promise's figure; it is printed now and at the end of the run."""

    def keep(text):
        record_property(FIGURE, text)
        print(text)

    return keep


def pytest_terminal_summary(terminalreporter):
    """Print every figure of the run."""
    figures = {
        value
        for reports in terminalreporter.stats.values()
        for report in reports
        for name, value in getattr(report, "user_properties", ())
        if name == FIGURE and report.when == "call"
    }
    if figures:
        terminalreporter.section("promises")
        for text in sorted(figures):
            terminalreporter.write_line(text)
