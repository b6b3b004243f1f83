#!/usr/bin/perl
# A command that runs into its time limit: its sender gets an apology, the text is parked and not tried for ever, and
# those who share its batch wait no longer than that takes.
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

use constant { TEXTS => Trouble::LONG ? 15000 : 1500, SLOW => Trouble::LONG ? 40 : 6, LIMIT => 0.3 };

my $hall = Trouble::hall();
ok($hall->ready, 'the hall is ready');
# Each start is counted, by what no rollback takes back.
$hall->sql('CREATE SEQUENCE bss.starts');
Trouble::api($hall, 'slowly(p_s integer)', 'integer', q{ BEGIN
	PERFORM nextval('bss.starts'); PERFORM pg_sleep(p_s); RETURN p_s; END });
$hall->apply('slow.yaml' => Trouble::table(name => 'slow', say => 'SLOW {n}', args => '{n: {is: number}}', risk => 'change',
	sql => q{SELECT 'ok' AS outcome, hall_api.slowly(CAST(:n AS integer)) AS n}, reply => 'slept {{n}}', example => 'SLOW 0', more => ['limits: {timeout: ' . LIMIT * 1000 . 'ms}']));
is($hall->answer('13500000000', 'SLOW 0'), 'slept 0', 'a command that is in time is answered');
my ($starts) = $hall->sql('SELECT last_value FROM bss.starts');

my $load = Trouble::load($hall, texts => TEXTS, rate => 250);
$load->answered(200);
my $line = $hall->new_line;
my $sent = time;
for my $i (1 .. SLOW) {
	$line->send("LISTEN 1350000010$i") if $i < 10;
	$line->send_text(13500000100 + $i, '10086', 'SLOW 60');
	sleep 2 * LIMIT + 0.1;
}
my $apology = $line->expect(qr/^MT 13500000101 /, 15) // '';
like($apology, qr/抱歉，系统出了故障/, 'one that is not gets an apology');
my ($at) = $apology =~ /^MT \S+ \S+ \d+ \S+ (\d+)/;
cmp_ok(($at // 0) / 1000 - $sent, '<', 2 * LIMIT + 2, '… after two tries');
$load->lifted;
my $log = $load->finish(60);
my @times = map { $_->[1] } $log->times;
my ($p99, $max) = (Trouble::percentile(99, @times), max(@times));
cmp_ok($max, '<', 3 * 2 * LIMIT + 2, 'nobody waits much longer than the two tries take') or diag("$max s");
is(scalar $hall->sql(q{SELECT count(*) FROM hall.parked WHERE sqlstate = '57014' AND msisdn LIKE '13500000%'}), SLOW,
	'each is parked, with its reason');
is($hall->sql('SELECT last_value FROM bss.starts') - $starts, 2 * SLOW, 'each was run twice: in its batch, and alone');
sleep 2;
is($hall->sql('SELECT last_value FROM bss.starts') - $starts, 2 * SLOW, '… and is not run again');
Trouble::books($hall, 'timeout', $log, parked => SLOW, more => [p99_s => $p99, max_s => $max]);
done_testing;
