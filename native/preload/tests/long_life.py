"""What a counter file says of a long life: long_life.py SAID READ SLICE_SEC, the program's output and that of counters. Exit 1 when something is amiss.

Each span holds exactly what was forgotten in it; there is no gap; the youngest are single slices; the older a span, the longer it may be, in proportion."""
import datetime
import re
import sys

said, read, slice_sec = open(sys.argv[1]).read().split("\n"), open(sys.argv[2]).read().split("\n"), int(sys.argv[3])
forgotten = [tuple(map(int, line.split())) for line in said if re.fullmatch(r"\d+ \d+", line)]
end = next(int(line.split()[1]) for line in said if line.startswith("end "))
start = forgotten[0][0]
day = datetime.datetime.fromtimestamp(start, datetime.timezone.utc)


def seconds(text):
    date, clock = text.split(" ") if " " in text else (day.strftime("%m-%d"), text)
    year = day.year + (date < day.strftime("%m-%d"))
    return datetime.datetime.strptime(f"{year}-{date} {clock} +0000", "%Y-%m-%d %H:%M:%S %z").timestamp()


spans = []
for live, label in re.findall(r"^epoch=\d+ era=\d+ state=\w+ live=([1-9]\d*) label=(.*)$", "\n".join(read), re.M):
    times = [seconds(part) for part in re.findall(r"(?:\d\d-\d\d )?\d\d:\d\d:\d\d", label)]
    spans.append((times[0], times[1] if len(times) > 1 else times[0] + slice_sec, int(live), label))
spans.sort()
faults = []
first = True
for since, until, live, label in spans:
    expected = sum(count for at, count in forgotten if since <= at < until)
    # The program's own few objects stand in its first slice, those of the C library at the end in its last.
    if not expected <= live <= expected + (20 if first or until >= end - slice_sec else 0):
        faults.append(f"{label}: holds {live}, {expected} were forgotten then")
    first = False
covered = sum(count for at, count in forgotten if any(since <= at < until for since, until, *_ in spans))
if covered != sum(count for _, count in forgotten):
    faults.append(f"{sum(c for _, c in forgotten) - covered} forgotten objects are of no span")
faults += [f"{a[3]} and {b[3]} overlap" for a, b in zip(spans, spans[1:]) if a[1] > b[0]]
if not 10 <= len(spans) <= 16:
    faults.append(f"{len(spans)} spans")
young = spans[-2:]  # of the four that are kept as they are two may hold nothing by now but work that was going on
faults += [f"{label}: young, and yet not a single slice" for since, until, _, label in young if until - since > slice_sec]
ratios = [(until - since) / max(end - until, 1) for since, until, *_ in spans[:-2]]
if ratios and max(ratios) > 2:
    faults.append(f"a span is {max(ratios):.1f} times as long as it is old")
refused = re.search(r" refused=(\d+)", read[0]).group(1)
if refused != "0":
    faults.append(f"{refused} slices could not be opened")
print("\n".join(label + f"  {live}" for _, _, live, label in spans))
print("\n".join(faults), file=sys.stderr)
print(f"{(end - start) / 3600:.0f} hours, {re.search(r' advances=([0-9]+)', read[0]).group(1)} slices, {len(forgotten)} leaks in {len(spans)} spans, "
      f"the longest {max(ratios, default=0):.2f} of its age")
sys.exit(bool(faults))
