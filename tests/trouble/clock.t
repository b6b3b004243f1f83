#!/usr/bin/perl
# smsd's clock is stepped forth and back by an hour, as by an administrator or a virtual machine that slept: no answer is
# lost, the marks move on, and a crash in between is recovered from.  (Its monotonic clock runs on, as the kernel's does.)
use strict;
use warnings;
use utf8;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Hall;
use List::Util qw(max);
use Test::More;
use Time::HiRes qw(sleep time);
use Trouble;

use constant { RATE => 250, HOUR => 3600, ROUNDS => Trouble::LONG ? 10 : 1 };

plan skip_all => 'libfaketime is not installed (apt-get install faketime)' unless defined Trouble::faketime();
plan skip_all => 'libfaketime and the address sanitizer do not go together' if $Hall::BIN =~ m{/san$};

my $hall = Trouble::hall(up => 0);
my $clock = Trouble::clock($hall, "$Hall::BIN/smsd");
$hall->{env}{HALL_SMSD} = "$clock.sh";
$hall->up;
ok($hall->ready, 'the hall is ready');

# More than are needed: it is stopped when the clock's steps are done.
my $load = Trouble::load($hall, texts => RATE * (40 + ROUNDS * 10), rate => RATE);
$load->answered(200);
my $marks = sub { $hall->sql('SELECT sum(last_batch), sum(accepted) FROM hall.sender') };
my ($last) = split /\|/, $marks->();
my ($ahead, $killed) = (0, 0);
for my $round (1 .. ROUNDS) {
	for my $offset (HOUR, 0, -HOUR() * $round, 'kill', 0) {
		if ($offset eq 'kill') {
			$hall->kill('smsd');
			$hall->start('smsd');
			$killed++;
			next;
		}
		Trouble::step($clock, $offset);
		my $n = $load->look->{answers};
		cmp_ok($load->answered($n + RATE, 15), '>=', $n + RATE, sprintf 'clock at %+d s: the answers go on', $offset);
		$ahead ||= $offset == HOUR && $hall->sql('SELECT max(last_batch) / 1000000 - extract(epoch FROM now()) FROM hall.sender') > HOUR - 60;
		my ($now) = split /\|/, $marks->();
		cmp_ok($now, '>', $last, '… and the batches are numbered upwards');
		$last = $now;
	}
}
ok($ahead, '(the clock was really ahead)');
$load->lifted;
$load->stop;
my $log = $load->finish(60);
ok($hall->wait_until(5, sub { $hall->sql(q{SELECT count(*) FROM hall.mt t JOIN hall.sender s ON s.instance = t.instance AND s.conn = t.conn
	WHERE t.state = 'queued' AND t.batch > s.accepted}) == 0 }), 'the marks have caught up with the messages')
	or diag(join "\n", $hall->sql('SELECT * FROM hall.sender'));
cmp_ok($log->repeated, '<=', $killed * 1000, 'answers repeated: no more than were under way at a kill');
Trouble::books($hall, 'clock', $log, more => [max_s => max(map { $_->[1] } $log->times)]);
# What was accepted is not sent again by the next life.
my $again = $hall->metrics->{smsd_mt_again_total};
$hall->stop('smsd');
$hall->start('smsd');
ok($hall->ready, 'the hall is ready again');
is($hall->metrics->{smsd_mt_again_total}, 0, '… with nothing to send again');
done_testing;
