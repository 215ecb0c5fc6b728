"""promtool, where it is installed; what needs it is skipped elsewhere, and says so."""

import json
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from msgspec import yaml

ROOT = Path(__file__).parents[2]
RULES = ROOT / "k8s/observe/rules/staydown.yaml"

# Of a window of three days the end is enough.
DAYS = "20h"

promtool = pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool (Debian: prometheus) is not installed")


@dataclass(frozen=True, slots=True)
class Story:
    """Series as promtool writes them (`0+1x60`: from 0 on one more a minute, 60 times), and what holds then."""

    alert: str
    series: Mapping[str, str]
    at: str
    fires: bool

    def written(self) -> dict[str, object]:
        """Return the story as a unit test of promtool's. A firing alert is a sample of ALERTS."""
        firing = f'count(ALERTS{{alertname="{self.alert}",alertstate="firing"}}) > 0'
        return {
            "name": f"{self.alert} {'fires' if self.fires else 'keeps silent'}",
            "interval": "1m",
            "input_series": [{"series": name, "values": values} for name, values in self.series.items()],
            "promql_expr_test": [
                {
                    "expr": f"{firing} or vector(0)",
                    "eval_time": self.at,
                    "exp_samples": [{"labels": "{}", "value": int(self.fires)}],
                }
            ],
        }


def check(stories: Sequence[Story], folder: Path) -> tuple[int, str]:
    """Play the stories against the rules and return promtool's exit code and what it said."""
    file = folder / "stories.yaml"  # JSON is YAML
    # A story of days is looked at twice an hour, or it would take a minute to play.
    pace = "30m" if any(each.at == DAYS for each in stories) else "1m"
    # In a random order, alerts that come before what is recorded find it half an hour old, which is nothing.
    order = [group["name"] for group in yaml.decode(RULES.read_bytes())["groups"]]
    told = [each.written() for each in stories]
    played = {"rule_files": [str(RULES)], "evaluation_interval": pace, "group_eval_order": order, "tests": told}
    file.write_text(json.dumps(played))
    done = subprocess.run(["promtool", "test", "rules", str(file)], capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr
