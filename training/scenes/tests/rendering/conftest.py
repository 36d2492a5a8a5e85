import sys
from pathlib import Path

# Helpers beside the tests, whatever the import mode.
sys.path.insert(0, str(Path(__file__).parent))
