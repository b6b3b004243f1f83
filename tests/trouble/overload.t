#!/usr/bin/perl
# Texts come twice as fast as they can be answered, in the mix of the benchmark.  Nothing is lost, money and changes are
# answered before questions and those before small talk, memory stays bounded, and soon afterwards all is as before.
# Customers and SMSC are build/load here: a slower sender would not overload anything.  The long version overloads the
# machine; the short one a database that is made slow, so that it says the same on a machine that is busy with other tests
# (OVERLOAD_SLOW=seconds: by how much a batch; 0: the machine).
use strict;
use warnings;
use utf8;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Hall;
use JSON::PP ();
use List::Util qw(max);
use POSIX ();
use Test::More;
use Time::HiRes qw(sleep time);
use Trouble;

# What waits must find room in smsd (limits.in_flight, 100,000 texts): beyond that bearerbox hands out as it came.
use constant { SECONDS => Trouble::LONG ? 60 : 5, FIRST_TEXTS => Trouble::LONG ? 30000 : 2500, MOST => Trouble::LONG ? 190000 : 20000 };

my $hall = Trouble::hall(fast => !Trouble::LONG);
ok($hall->ready, 'the hall is ready');
my $calm = sub {
	my @took = map { my $t = time; $hall->answer('1380013800' . $_ % 3, 'YE', settle => 0); time - $t } 1 .. 20;
	return Trouble::percentile(50, @took);
};
$calm->();
my $before = $calm->();
Trouble::subscribers($hall, MOST);
$hall->sql('VACUUM ANALYZE');
my %rss = map { $_ => Trouble::memory($hall, $_, 'VmRSS') } qw(smsd kannel);
$hall->stop('smsc');

# Each subscriber texts once, so that a text's row is found by its number.
my $used = 0;
my $pid;
Trouble::at_end(sub { CORE::kill('KILL', $pid) if $pid });
sub start_load {
	my ($n, $log, @pace) = @_;
	my @command = ("$Hall::BIN/load", '--port', $hall->{base} + 2, '--texts', $n, '--subscribers', Trouble::FIRST + $used . ":$n",
		'--mix', "$Hall::ROOT/tests/bench/mix.tsv", '--vouchers', Trouble::VOUCHER + $used . ":$n", '--log', $log, '--json',
		'--timeout', 30, @pace);
	$used += $n;
	$pid = fork // die "fork: $!\n";
	return if $pid;
	open STDOUT, '>', "$log.json";
	open STDERR, '>', "$log.err";
	exec @command or POSIX::_exit(127);
}
sub end_load {
	my ($log, $while) = @_;
	$while->(), sleep 0.2 until waitpid($pid, POSIX::WNOHANG()) > 0;
	undef $pid;
	my $json = Hall::slurp("$log.json");
	die "the load failed: " . Hall::slurp("$log.err") unless $json =~ /^\{/;
	return JSON::PP::decode_json($json);
}

my $log = "$hall->{dir}/overload";
my $slow = $ENV{OVERLOAD_SLOW} // (Trouble::LONG ? 0 : 0.2);
Trouble::slow($hall, $slow) if $slow;
start_load(FIRST_TEXTS, "$log.capacity", '--window', 400);
my $capacity = end_load("$log.capacity", sub { })->{texts_per_s};
my $rate = int(2 * $capacity);
my $n = $rate * SECONDS;
$n = MOST - $used if $n > MOST - $used;
my $first = Trouble::FIRST + $used;
my ($in_flight, $stored) = (0, 0);
my $began = time;
start_load($n, $log, '--rate', $rate);
my $figures = end_load($log, sub {
	$in_flight = max($in_flight, $hall->metrics->{smsd_in_flight} // 0);
	$stored = max($stored, Trouble::kannel($hall)->{storesize} // 0);
});
my $drained = time - $began - $n / $rate;
cmp_ok($n / $rate, '>=', Trouble::LONG ? 15 : SECONDS * 0.7, 'the overload lasted') or diag("$n texts at $rate a second");
is($figures->{unanswered}, 0, 'nothing is lost: every text has its answer');
is($figures->{refused}, 0, '… none was refused');
is($figures->{extra_answers}, 0, '… none was answered twice');

# How long each waited until the batch that answered it began.
$hall->sql("CREATE TABLE bss.sent (n bigint, msisdn text PRIMARY KEY, text text, sent bigint, answers integer, state text, answer text)");
my ($status, undef, $err) = $hall->run('psql', '-Xqc', "\\copy bss.sent FROM '$log' WITH (FORMAT text, NULL '\\N')");
is($status, 0, 'the log is read') or diag($err);
is(scalar $hall->sql('SELECT count(*) || \' \' || count(DISTINCT s.msisdn) FROM bss.sent s JOIN hall.mo o USING (msisdn)'), "$n $n",
	'every text has one row');
$hall->sql(q{CREATE VIEW bss.took AS
	SELECT CASE WHEN o.command IS NULL THEN 'small_talk'
			WHEN o.command ~ '^recharge|service_o|signup|cancel' THEN 'change' ELSE 'query' END AS class,
		o.batch / 1e6 - s.sent / 1e3 AS took, s.sent > (SELECT (min(sent) + max(sent)) / 2 FROM bss.sent) AS late
	FROM bss.sent s JOIN hall.mo o USING (msisdn)});
sub by_class {
	my ($what, $where) = @_;
	my %class = map { my ($class, $n, @t) = split /\|/; $class => { n => $n, p50 => $t[0], p99 => $t[1] } } $hall->sql(qq{
		SELECT class, count(*), percentile_cont(0.5) WITHIN GROUP (ORDER BY took), percentile_cont(0.99) WITHIN GROUP (ORDER BY took)
		FROM bss.took WHERE $where GROUP BY class});
	diag(sprintf '%s: %-10s %6d texts, p50 %.2f s, p99 %.2f s', $what, $_, @{$class{$_}}{qw(n p50 p99)}) for sort keys %class;
	return \%class;
}
my $all = by_class('all', 'true');
# What came first was taken as it came: nobody knew yet that it would be too much.
my $late = by_class('the second half', 'late');
for my $p (qw(p50 p99)) {
	cmp_ok($late->{change}{$p}, '<', 0.8 * $late->{query}{$p}, "$p, once much waits: money and changes are answered before questions");
	cmp_ok($late->{query}{$p}, '<', $late->{small_talk}{$p}, '… and those before small talk');
}
my %grew = map { $_ => Trouble::memory($hall, $_, 'VmHWM') - $rss{$_} } qw(smsd kannel);
# As kannel-conf/README.md promises for 100,000 texts.
cmp_ok($grew{smsd}, '<', 100 * 1024, 'smsd grew by less than 100 MB') or diag("$grew{smsd} kB");
cmp_ok($grew{kannel}, '<', 32 * 1024 + 4 * $n, 'bearerbox by less than 32 MB and 4 kB a text') or diag("$grew{kannel} kB");

Trouble::slow($hall, 0) if $slow;
$hall->start('smsc');
ok($hall->wait_until(10, sub { Trouble::kannel($hall)->{status} && $hall->answer('13800138000', 'YE', timeout => 2) }), 'it answers afterwards');
ok($hall->wait_until(5, sub { $calm->() < 2 * $before + 0.05 }), '… as fast as before');
Trouble::audit($hall);
is(scalar $hall->sql('SELECT count(*) FROM hall.parked'), 0, 'nothing was parked');
Trouble::figures('overload', texts => $n, answered => $n - $figures->{unanswered},
	effects => scalar $hall->sql("SELECT count(*) FROM bss.effect WHERE mo_id IS NOT NULL AND msisdn >= '$first' AND msisdn < '@{[$first + $n]}'"),
	repeated_answers => $figures->{extra_answers}, recovered_s => $drained, capacity_per_s => int $capacity, rate_per_s => $rate,
	map({ ("p99_${_}_s" => $all->{$_}{p99} + 0) } sort keys %$all), in_flight => $in_flight, stored => $stored,
	smsd_grew_kb => $grew{smsd}, bearerbox_grew_kb => $grew{kannel});
done_testing;
