"""Reads an OpenMetrics exposition on stdin with the reference parser, which is strict, and prints what it understood as JSON."""
import json
import sys

from prometheus_client.openmetrics.parser import text_string_to_metric_families

families = [
    {
        "name": family.name,
        "type": family.type,
        "unit": family.unit,
        "samples": [{"name": s.name, "labels": s.labels, "value": repr(s.value)} for s in family.samples],
    }
    for family in text_string_to_metric_families(sys.stdin.buffer.read().decode("utf-8"))
]
json.dump(families, sys.stdout)
