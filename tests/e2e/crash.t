#!/usr/bin/perl
# smsd dies by SIGKILL at every step where a text could be lost or doubled (smsd/base/crash_list.h), each life at the next
# one, with texts under way all the time; the last life finishes, and the books are closed.
use strict;
use warnings;
use utf8;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Division;
use Flood;
use Hall;
use Test::More;

use constant { TEXTS => 150 };	# a life

my $smsd = "$Hall::BIN/crash/smsd";
my @points = map { (split /\t/)[0] } grep { /\S/ && !/^unasked_/ } `'$smsd' --crash-points`;	# those: crash_unasked.t
cmp_ok(scalar @points, '>', 15, 'the build that dies on request') or BAIL_OUT("no $smsd (make CRASH=1 build/crash/smsd)");

# Which passing kills, where it is not the second; and what makes it pass there, where texts alone do not.
my %passing = (mo_taken => 70, answer_accepted => 40, report_taken => 20, map { $_ => 1 } qw(mark_sent rolled_back parked
	recover_asked recovered adopt_asked drained));
my $hall = Hall->new(fast => 0, env => { HALL_SMSD => $smsd });
ok($hall->ready, 'the hall is ready');
$hall->apply('division.yaml' => Division::table(note => 0));
my $flood = Flood->new($hall, texts => TEXTS * @points);
my ($failing, $note) = (0, 0);
my %makes = (
	(map { $_ => sub { $flood->{line}->send_text(13400000000 + $failing++, '10086', 'DIVIDE 0') for 1 .. 3 } } qw(rolled_back parked)),
	(map { $_ => sub { $note++; $hall->smsctl('tables', 'apply', $hall->tables_dir('division.yaml' => Division::table(note => $note))) } }
		qw(tables_parsed tables_swapped)),
	drained => sub { CORE::kill('TERM', $hall->pid('smsd')) },
);
$hall->stop('smsd');

my $life = 0;
for my $point (@points) {
	$hall->{env}{SMSD_CRASH} = "$point:" . ($passing{$point} // 2);
	$hall->{env}{HALL_INSTANCE} = $point eq 'adopt_asked' ? 'hall2' : 'hall1';
	eval { $hall->start('smsd') };	# it may die before it has come up
	$flood->send($life * TEXTS, ($life + 1) * TEXTS);
	$life++;
	if ($makes{$point}) {
		$flood->answered($life * TEXTS - TEXTS / 2, 5);
		$makes{$point}->();
	}
	$flood->take(0.1) until $hall->wait_gone('smsd', 0.3) || $flood->{begun} + 20 * $life < time;
	ok($hall->wait_gone('smsd', 1), "$point: it dies");
	like($hall->log('smsd'), qr/event=crash_point name=$point\b/, '… there') or do { CORE::kill('KILL', $hall->pid('smsd')) };
}

delete @{$hall->{env}}{qw(SMSD_CRASH HALL_INSTANCE)};
$hall->start('smsd');
$flood->finish(60);
$flood->check_books;
my $apologies = $hall->sql(q{SELECT count(DISTINCT msisdn) FROM hall.mt WHERE msisdn LIKE '134%'});
is($apologies, $failing, 'each text that failed has its apology');
is(scalar $hall->sql(q{SELECT count(*) || ' ' || count(DISTINCT msisdn) FROM hall.parked WHERE msisdn LIKE '134%'}),
	"$failing $failing", '… and is parked once');
is(scalar $hall->sql(q{SELECT count(*) FROM hall.mo_default}), 0, 'no row lies outside the days');
ok($hall->ready, 'and the hall is ready');
done_testing;
