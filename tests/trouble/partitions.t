#!/usr/bin/perl
# Days come and go under load: midnight passes, days are made ahead, old ones are dropped, and nobody waits for it.  What a
# gateway dates on another day lies on that day; what no day was made for lies beside them only until one is made.
use strict;
use warnings;
use utf8;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Hall;
use List::Util qw(max);
use POSIX qw(strftime);
use Test::More;
use Time::HiRes qw(sleep time);
use Trouble;

use constant { RATE => 200, OLD => 3, ROWS => 5000, ROUNDS => Trouble::LONG ? 10 : 2, DAY => 86400 };

my $fake = defined Trouble::faketime();
my $hall = Trouble::hall(up => 0);
my $clock;
if ($fake) {
	$clock = Trouble::clock($hall, Trouble::bearerbox());
	$hall->{env}{BEARERBOX} = "$clock.sh";
}
$hall->up;
ok($hall->ready, 'the hall is ready');
# More texts than are needed: they are stopped when the days' work is done.
my $texts = (20 + ROUNDS * 5) * RATE;
$hall->sql('ALTER SYSTEM SET log_lock_waits = on');
$hall->sql(q{ALTER SYSTEM SET deadlock_timeout = '500ms'});
$hall->sql('SELECT pg_reload_conf()');
Trouble::subscribers($hall, $texts);

# Days of seven months ago, as they were made then, full of rows.
sub make_old {
	$hall->sql(<<"END");
SET timezone = 'UTC';
DO \$\$
DECLARE
	day date;
	part text;
	whole text;
BEGIN
	FOR day IN SELECT current_date - 213 + g FROM generate_series(1, @{[OLD]}) g LOOP
		FOR part IN SELECT p || to_char(day, '_YYYYMMDD') FROM unnest('{mo,mt,contact}'::text[]) p LOOP
			whole := replace(split_part(part, '_', 1), 'contact', 'contact_elsewhere');
			EXECUTE format('CREATE TABLE hall.%I (LIKE hall.%I INCLUDING ALL)', part, whole);
			EXECUTE format('ALTER TABLE hall.%I OWNER TO hall_owner', part);
			EXECUTE format('ALTER TABLE hall.%I ATTACH PARTITION hall.%I FOR VALUES FROM (%L) TO (%L)',
				whole, part, day::timestamptz, (day + 1)::timestamptz);
		END LOOP;
		INSERT INTO hall.mo (msisdn, at, id, port, text, folded, outcome, instance, conn, batch)
		SELECT (15000000000 + g)::text, day + interval '12 hours', gen_random_uuid(), '10086', 'YE', 'YE', 'ok', 'old', 0, 1
		FROM generate_series(1, @{[ROWS]}) g;
	END LOOP;
END \$\$;
END
	return;
}

# ---- under load

my $midnight;
if ($fake) {
	$midnight = DAY * (1 + int(time / DAY));
	Trouble::step($clock, $midnight - time - 2);
}
my $load = Trouble::load($hall, texts => $texts, rate => RATE, make => 0);
$load->answered(100);
my %took;
my $timed = sub {
	my ($what, $do) = @_;
	my $begin = time;
	my @r = $do->();
	$took{$what} = max($took{$what} // 0, time - $begin);
	return @r;
};
for my $round (1 .. ROUNDS) {
	make_old();
	my ($made) = $timed->(ahead => sub { $hall->sql('SELECT hall.partition_ahead(' . (7 + 3 * $round) . ')') });
	is($made, 3 * $hall->sql('SELECT count(*) FROM hall.partition_status()'), 'three days more are made ahead') if $round == 1;
	my @dropped = $timed->(drop => sub { $hall->sql(q{SELECT hall.partition_drop('6 months')}) });
	is(scalar @dropped, 3 * OLD, 'the old days are dropped') if $round == 1;
	sleep 1;
}
# A hall that was down for long has many to make.
$timed->(many => sub { $hall->sql('SELECT hall.partition_ahead(60)') });
$load->lifted;
sleep 1;
$load->stop;
my $log = $load->finish(60);
my @times = map { $_->[1] } $log->times;
my ($p99, $max) = (Trouble::percentile(99, @times), max(@times));
my @waits = grep { /smsd\@hall .*still waiting/ } split /\n/, $hall->log('pg');
is(scalar @waits, 0, 'no batch waited half a second for a lock') or diag(join "\n", @waits);
# No lock: that was looked at above.  A machine that makes 248 tables may be busy for a moment.
cmp_ok($max, '<', 3, 'nobody waited for long') or diag(join ' ', map { "$_ $took{$_}" } sort keys %took);
Trouble::books($hall, 'partitions', $log, more => [p99_s => $p99, max_s => $max, map { ($_ . '_s' => $took{$_}) } sort keys %took]);

# ---- other days than today

SKIP: {
	skip 'libfaketime is not installed (apt-get install faketime): there is but one day', 9 unless $fake;
	my @day = $hall->sql(q{SELECT tableoid::regclass::text || ' ' || (count(*) > 0) FROM hall.mo GROUP BY tableoid ORDER BY 1});
	is_deeply(\@day, [map { 'hall.mo_' . strftime('%Y%m%d', gmtime($midnight + $_)) . ' true' } -2, 2],
		'midnight passed: the texts lie on two days');
	my $text = sub {
		my ($days, $number) = @_;
		my $now = time;
		my $set = DAY * (int($now / DAY) + $days) + DAY / 2;
		Trouble::step($clock, $set - $now);
		like($hall->answer($number, 'YE'), qr/请拨打10086/, "a text $days days from today is answered");
		return strftime('%Y%m%d', gmtime $set);
	};
	my $where = sub { join ' ', $hall->sql("SELECT tableoid::regclass FROM hall.$_[0] WHERE msisdn = '$_[1]'") };
	for (['-1', 15100000001], ['1', 15100000002]) {
		my ($days, $number) = @$_;
		my $day = $text->($days, $number);
		is(join(' ', map { $where->($_, $number) } qw(mo mt)), "hall.mo_$day hall.mt_$day", '… and lies there');
	}
	my $day = $text->('70', 15100000003);
	is($where->('mo', 15100000003), 'hall.mo_default', '… where no day was made, beside the days');
	is(scalar $hall->sql(q{SELECT sum(stray_rows) FROM hall.partition_status()}), 2, 'which is told');
	$hall->sql('SELECT hall.partition_ahead(75)');
	is($where->('mo', 15100000003) . $hall->sql(q{SELECT sum(stray_rows) FROM hall.partition_status()}), "hall.mo_${day}0",
		'… until the day is made');
}
done_testing;
