#!/usr/bin/perl
# smsd dies by SIGKILL at every step where a message could be lost or doubled that nobody asked for (unasked_… in
# smsd/base/crash_list.h): in the drain of a blast, behind the door, in runs of reminders.  Each life ends at the next one; the
# last life finishes.  Nobody is left out; twice gets a message who is counted, and reminders once each.
use strict;
use warnings;
use utf8;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Blast;
use Hall;
use Test::More;
use Time::HiRes qw(sleep time);

use constant { RATE => 400, WINDOW => 80, EACH => 40, PEOPLE => 4000 };	# WINDOW: a fifth of a second at RATE

my $smsd = "$Hall::BIN/crash/smsd";
my @points = map { (split /\t/)[0] } grep { /^unasked_/ } `'$smsd' --crash-points`;
cmp_ok(scalar @points, '>=', 12, 'the build that dies on request') or BAIL_OUT("no $smsd (make CRASH=1 build/crash/smsd)");

my $blast = Blast->new(rate => RATE, fast => 0, env => { HALL_SMSD => $smsd });
my $hall = $blast->hall;
$hall->sql(q{UPDATE hall.message_class SET cap = 0});
$hall->sql(Hall::slurp("$FindBin::Bin/tables/runs.sql"));
$hall->apply('runs.yaml' => Hall::slurp("$FindBin::Bin/tables/runs.yaml"));

my $ear = $hall->new_line;
$ear->send('LISTEN *');
$ear->expect(qr/^OK/, 10) or die "no OK\n";
my (%told, %reminded);
sub listen_until_quiet {
	my ($quiet) = @_;
	while (defined(my $line = $ear->next($quiet))) {
		my $mt = $ear->parse_mt($line) or next;
		$mt->{text} =~ /号您好/ ? $told{$mt->{to}}++ : $reminded{"$mt->{to} $mt->{text}"}++;
	}
}

# Many are told by one blast, some at a time; what else passes a point is made in each life.
$blast->make('long', { options => '{"rate": 150}' }, 1 .. PEOPLE);
my $reported = 0;
sub report {
	my $until = $reported + EACH;
	$hall->sql(sprintf q{SELECT count(*) FROM generate_series(%d, %d) AS n,
		LATERAL hall_api.trigger('joined', 'crash ' || n, (13500000000 + n)::text, '{}') AS t}, $reported + 1, $until);
	$reported = $until;
}
# The gateway stands still, so that something is not acknowledged when its link is lost.
sub lose_link {
	CORE::kill('STOP', $hall->pid('kannel'));
	my $before = $blast->handled('long');
	$hall->wait_until(60, sub { $blast->handled('long') > $before });
	sleep 0.5;
	$hall->kill('kannel');
	$hall->start('kannel');
}
my %makes = map { $_ => \&lose_link } qw(unasked_recount unasked_recounted);
my %passing = (unasked_accepted => 25, unasked_sent => 3, unasked_blast_drawn => 2, unasked_blast_put => 2, unasked_blast_committed => 2);
$hall->stop('smsd');
$blast->run('long');
for my $point (@points) {
	$hall->{env}{SMSD_CRASH} = "$point:" . ($passing{$point} // 1);
	my $from = length $hall->log('smsd');
	report();
	eval { $hall->start('smsd') };	# it may die before it has come up
	$makes{$point}->() if $makes{$point};
	my $until = time + 60;
	listen_until_quiet(0.2) until $hall->wait_gone('smsd', 0.1) || $until < time;
	ok($hall->wait_gone('smsd', 1), "$point: it dies") or $hall->kill('smsd');
	like(substr($hall->log('smsd'), $from), qr/event=crash_point name=$point\b/, '… there');
}
delete $hall->{env}{SMSD_CRASH};
cmp_ok($blast->handled('long'), '<', PEOPLE, 'the blast is not over yet');
$hall->start('smsd');
$blast->must(q{hall.blast_rate('author', 'long', NULL)});
ok($blast->wait_state('long', 'done', 180), 'the last life finishes it');
ok($hall->wait_until(120, sub {
	listen_until_quiet(0.2);
	!$hall->sql(q{SELECT (SELECT count(*) FROM hall.trigger WHERE state = 'new' AND name = 'joined') + (SELECT count(*) FROM hall.reminder_row)
		+ (SELECT count(*) FROM hall.mt WHERE state = 'held' AND wording = 'runs.first_days')
		+ (SELECT count(*) FROM hall.reminder_run WHERE state = 'new' AND reminder = 'runs.first_days' AND step < 3)
		+ (SELECT count(*) FROM hall.mt m JOIN hall.sender s ON s.instance = m.instance AND s.conn = m.conn
			WHERE m.state = 'queued' AND m.batch > s.accepted)}) }), '… and all else');
listen_until_quiet(3);

my @told = map { $told{Blast::who($_)} // 0 } 1 .. PEOPLE;
my $status = $blast->call('status', 'long');
my $twice = 0;
$twice += $_ - 1 for grep { $_ > 1 } @told;
is(scalar(grep { $_ == 0 } @told), 0, 'nobody was left out by the blast');
cmp_ok($twice, '<=', $status->{again}, "it came twice $twice times, no more than are counted: $status->{again}");
cmp_ok($status->{again}, '<=', @points * WINDOW, '… and no life had more under way than it may');
is($hall->sql(q{SELECT count(*) || ' ' || count(DISTINCT msisdn) FROM hall.mt WHERE cause = 'blast'}), PEOPLE . ' ' . PEOPLE, '… which has one row for each');
my @steps = map { my $who = 13500000000 + $_; map { $reminded{"$who $_"} // 0 } "第一步crash $_", '第二步2' } 1 .. $reported;
is(scalar(grep { $_ == 0 } @steps), 0, "nobody was left out of the $reported series") or diag join "\n", (sort keys %reminded)[0 .. 9];
is($hall->sql(q{SELECT count(*) || ' ' || count(DISTINCT (msisdn, text)) FROM hall.mt WHERE wording = 'runs.first_days'}), 2 * $reported . ' ' . 2 * $reported,
	'… each step of which has one row');
my $steps_twice = grep { $_ > 1 } @steps;
cmp_ok($steps_twice, '<=', @points * WINDOW, "$steps_twice of them came twice, no more than were under way");
my ($rc, $out, $err) = $hall->smsctl('audit');
is($rc, 0, 'the books close') or diag $out, $err;
done_testing;
