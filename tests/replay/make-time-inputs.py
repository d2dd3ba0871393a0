#!/usr/bin/env python3
"""Writes the inputs of the replay cases about time: tests/replay/time_*/input.log, and their args, tz and policy.yaml.

Each case has a scan that straddles the disturbance, to be found once and with its count, and a slow client
(203.0.113.5) that never tries 25 hosts in 15 minutes and must not be found. doc/time.md says what each is about.
"""
import datetime
import os

HERE = os.path.dirname(os.path.abspath(__file__))
UTC = datetime.timezone.utc
BEGIN = datetime.datetime(2026, 10, 12, 8, 0, 0)
SCANNER, SLOW, TALKER = "203.0.113.7", "203.0.113.5", "203.0.113.9"


def iso(when):
    return when.strftime("%Y-%m-%dT%H:%M:%SZ")


def rfc3164(when):
    return when.strftime("%b ") + "%2d" % when.day + when.strftime(" %H:%M:%S")


def drop(stamp, host, src, n):
    """One refused packet to the n-th host."""
    return (f"<4>{stamp} {host} kernel: [1.1] IPT-DROP: IN=eth1 OUT=eth0 MAC=02:00:00:00:00:01:02:00:00:00:00:02:08:00 "
            f"SRC={src} DST=198.51.{n // 250 + 100}.{n % 250 + 1} LEN=60 TOS=0x00 PREC=0x00 TTL=63 ID=7 DF PROTO=TCP "
            f"SPT=40000 DPT=445 WINDOW=64240 RES=0x00 SYN URGP=0 ")


class Case:
    """Lines in the order in which they come: at second t of the truth, by a device whose clock shows another time."""

    def __init__(self, name, begin=BEGIN, stamp=iso):
        self.name, self.begin, self.stamp, self.lines = name, begin, stamp, []

    def add(self, t, host, src, n, clock=0, order=None):
        when = self.begin + datetime.timedelta(seconds=t + clock)
        self.lines.append((t if order is None else order, drop(self.stamp(when), host, src, n)))

    def talk(self, host, first, last, clock=lambda t: 0, every=5):
        for t in range(first, last, every):
            self.add(t, host, TALKER, 1, clock(t))

    def scan(self, hosts, first, last, count, clock=lambda host, t: 0):
        for i in range(count):
            t = first + (last - first) * i // (count - 1)
            host = hosts[i % len(hosts)]
            self.add(t, host, SCANNER, i, clock(host, t))

    def slow(self, host, first, last, clock=lambda t: 0):
        """20 hosts in every 15 minutes."""
        for i, t in enumerate(range(first, last, 45)):
            self.add(t, host, SLOW, i, clock(t))

    def write(self, **files):
        folder = os.path.join(HERE, self.name)
        os.makedirs(folder, exist_ok=True)
        files["args"] = (files.get("args", "").strip() + " --only addr_scan,mass_mail").strip() + "\n"
        files["input.log"] = "".join(line + "\n" for _, line in sorted(self.lines, key=lambda x: x[0]))
        for name, text in files.items():
            with open(os.path.join(folder, name.replace("policy_yaml", "policy.yaml")), "w", encoding="ascii") as f:
                f.write(text)


def zone_of_a_device():
    """fw2's clock shows the time two hours east, fw3's an hour west, from the beginning."""
    clocks = {"fw1": 0, "fw2": 7200, "fw3": -3600}
    case = Case("time_zone_of_a_device")
    for host, off in clocks.items():
        case.talk(host, 0, 1800, lambda t, off=off: off)
    case.scan(list(clocks), 360, 480, 30, lambda host, t: clocks[host])
    case.slow("fw2", 0, 1800, lambda t: 7200)
    case.write()


def one_clock_is_set():
    """fw2's clock jumps three days ahead for ten minutes, fw3's back to 1970."""
    def clock(host, t):
        if host == "fw2" and 300 <= t < 900:
            return 3 * 86400
        if host == "fw3" and 400 <= t < 1000:
            return -int((BEGIN - datetime.datetime(1970, 1, 1)).total_seconds()) - 300
        return 0
    case = Case("time_one_clock_is_set")
    for host in ("fw1", "fw2", "fw3"):
        case.talk(host, 0, 1800, lambda t, host=host: clock(host, t))
    case.scan(["fw2", "fw3"], 240, 1020, 30, clock)
    case.slow("fw2", 0, 1800, lambda t: clock("fw2", t))
    case.write()


def only_clock_is_set_back():
    """The only device starts with a clock two days ahead, which NTP sets right after five minutes."""
    def clock(t):
        return 2 * 86400 if t < 300 else 0
    case = Case("time_only_clock_is_set_back")
    case.talk("fw1", 0, 1800, clock)
    case.scan(["fw1"], 240, 420, 30, lambda host, t: clock(t))
    case.slow("fw1", 0, 1800, clock)
    case.write()


def only_clock_ahead_and_back():
    """The only device is three days ahead for five minutes. A finding was open, a source was half way."""
    def clock(t):
        return 3 * 86400 if 300 <= t < 600 else 0
    case = Case("time_only_clock_ahead_and_back")
    case.talk("fw1", 0, 1800, clock)
    case.scan(["fw1"], 200, 290, 15)
    for i in range(15, 30):
        case.add(610 + i, "fw1", SCANNER, i)
    for i in range(40):
        case.add(60 + i * 3, "fw1", "203.0.113.6", i)
    case.add(700, "fw1", "203.0.113.6", 41)
    case.slow("fw1", 0, 1800, clock)
    case.write()


def only_clock_stays_ahead():
    """The only device says nothing for a night. 20 hosts before and 20 after are not 40."""
    case = Case("time_silence")
    case.talk("fw1", 0, 600)
    for i in range(30):
        case.add(100 + i, "fw1", "203.0.113.6", i)
    for i in range(20):
        case.add(570 + i, "fw1", SLOW, i)
        case.add(33000 + i, "fw1", SLOW, 20 + i)
    case.talk("fw1", 33020, 33900)
    case.write()


def backlog():
    """fw2's relay was cut off for an hour and hands over at ten times the speed; fw3's lines are five minutes late."""
    case = Case("time_backlog")
    case.talk("fw1", 0, 5400)
    case.talk("fw2", 0, 600)
    for t in range(600, 4200, 5):
        case.add(t, "fw2", TALKER, 1, order=4200 + (t - 600) / 10)
    for i in range(30):
        case.add(2000 + i, "fw2", SCANNER, i, order=4200 + (1400 + i) / 10)
    for i in range(60):
        case.add(600 + i * 45, "fw2", SLOW, i, order=4200 + i * 4.5)
    for t in range(0, 5400, 30):
        case.add(t, "fw3", TALKER, 1, order=t + 290)
    for i in range(30):
        case.add(1000 + i * 5, "fw1" if i % 2 else "fw3", "203.0.113.6", i, order=1000 + i * 5 + (0 if i % 2 else 290))
    case.write()


def skew():
    """Four devices within two minutes of each other, interleaved, and a scan that all of them see."""
    skews = {"fw1": 0, "fw2": -70, "fw3": 40, "fw4": -20}
    case = Case("time_skew")
    for host, off in skews.items():
        case.talk(host, 0, 1800, lambda t, off=off: off, every=10)
    case.scan(list(skews), 600, 1200, 30, lambda host, t: skews[host])
    case.slow("fw2", 0, 1800, lambda t: -70)
    case.write()


def new_year():
    """RFC 3164 has no year: a scan over midnight of New Year's Eve."""
    case = Case("time_new_year", datetime.datetime(2025, 12, 31, 23, 50, 0), rfc3164)
    case.talk("fw1", 0, 1200)
    case.scan(["fw1"], 540, 660, 30)
    case.slow("fw1", 0, 1200)
    case.write(args="--reference 2026-01-01T00:10:00Z\n")


def old_log():
    """A log from November to January, copied: by the file's time (here --reference) December is of last year, and its
    lines run on all the same."""
    case = Case("time_old_log", datetime.datetime(2025, 11, 30, 23, 58, 0), rfc3164)
    for day in range(0, 40, 2):
        case.talk("fw1", day * 86400, day * 86400 + 100)
    case.scan(["fw1"], 31 * 86400 + 90, 31 * 86400 + 150, 30)  # over New Year
    case.talk("fw1", 31 * 86400, 31 * 86400 + 400)
    case.write(args="--reference 2026-11-24T12:00:00Z\n")


def leap_day():
    case = Case("time_leap_day", datetime.datetime(2024, 2, 28, 23, 58, 0), rfc3164)
    case.talk("fw1", 0, 300)
    case.scan(["fw1"], 60, 180, 30)  # into 29 February
    case.talk("fw1", 86400, 86400 + 900)
    for i in range(30):
        case.add(86400 + 60 + i * 4, "fw1", "203.0.113.6", i)  # and out of it
    case.write(args="--reference 2024-06-01T00:00:00Z\n")


def berlin(when):
    """Wall time; 2026 changes at 01:00 UTC on 29 March and on 25 October."""
    summer = datetime.datetime(2026, 3, 29, 1) <= when < datetime.datetime(2026, 10, 25, 1)
    return rfc3164(when + datetime.timedelta(hours=2 if summer else 1))


def daylight_saving():
    """Zoneless stamps on a machine in Berlin: the hour that occurs twice, and the one that does not."""
    case = Case("time_autumn", datetime.datetime(2026, 10, 24, 23, 30, 0), berlin)
    case.talk("fw1", 0, 9000, every=20)
    case.talk("fw2", 0, 9000, every=100)
    case.scan(["fw1", "fw2"], 5300, 5500, 30)  # 02:58 to 02:01, the second time
    case.slow("fw1", 0, 9000)
    case.write(args="--reference 2026-10-26T00:00:00Z\n", tz="Europe/Berlin\n")
    case = Case("time_spring", datetime.datetime(2026, 3, 29, 0, 30, 0), berlin)
    case.talk("fw1", 0, 3600, every=20)
    case.scan(["fw1"], 1700, 1900, 30)  # 01:58 to 03:01
    case.slow("fw1", 0, 3600)
    case.write(args="--reference 2026-03-30T00:00:00Z\n", tz="Europe/Berlin\n")


def new_york(when):
    """Wall time; 2026 changes at 06:00 UTC on 1 November."""
    return rfc3164(when - datetime.timedelta(hours=4 if when < datetime.datetime(2026, 11, 1, 6) else 5))


def zone_of_the_policy():
    """The policy says that fw2 is in New York, where clocks are set back meanwhile. Nothing has to be learned."""
    case = Case("time_zone_of_the_policy", datetime.datetime(2026, 11, 1, 5, 30, 0))
    case.talk("fw1", 0, 3600, every=10)
    case.slow("fw1", 0, 3600)
    case.stamp = new_york
    case.talk("fw2", 0, 3600, every=10)
    case.scan(["fw2"], 1710, 1890, 30)
    case.write(args="--reference 2026-11-02T00:00:00Z\n",
               policy_yaml="sensors:\n  fw2: {zone: America/New_York}\n")


if __name__ == "__main__":
    for make in (zone_of_a_device, zone_of_the_policy, one_clock_is_set, only_clock_is_set_back, only_clock_ahead_and_back,
                 only_clock_stays_ahead, backlog, skew, new_year, old_log, leap_day, daylight_saving):
        make()
