# SecClock.pm: lets SEC, the simple event correlator, live by the time of what it reads.
#
#   SEC_CLOCK=999 perl -I DIR -MSecClock /usr/bin/sec --conf=clock.sec --conf=RULES ...
#
# SEC knows the system's clock only. Here time() is what the last line "@SECONDS" of its input said, and clock.sec, its
# first file of rules, hands such lines to tick(). Fed with one for every second, it does what it would
# have done had each line come when its stamp says, in the time that it takes to read them. tick() puts the line into the
# output as well, so that it is seen when what follows was written; and it lets programs that SEC started come to their
# end first. Nothing else of SEC is changed.
package SecClock;
use strict;
use warnings;

our $now = $ENV{SEC_CLOCK} or die "SEC_CLOCK is the time to begin with\n";
BEGIN { *CORE::GLOBAL::time = sub () { return $now } }

# Those that still run: what has ended waits to be collected by SEC itself.
sub running {
    open my $list, '<', "/proc/$$/task/$$/children" or return 0;
    for my $pid (split ' ', <$list> // '') {
        open my $stat, '<', "/proc/$pid/stat" or next;
        return 1 if <$stat> !~ /\) Z /;
    }
    return 0;
}

sub tick {
    my ($line) = @_;

    return 0 if $line !~ /^\@(\d+)$/;
    select undef, undef, undef, 0.01 while running();
    $now = $1;
    syswrite STDOUT, "$line\n";
    return 1;
}
1;
