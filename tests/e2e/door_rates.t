#!/usr/bin/perl
# How fast messages leave that nobody asked for: each link at its rate, over two smsd that share it, and by a connection of
# their own, so that answers go on when that one is cut.
use strict;
use warnings;
use utf8;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Faults;
use Hall;
use Test::More;
use Time::HiRes qw(sleep time);

# The boxes reach bearerbox through a proxy that knows them by what they call themselves.
my $hall = Hall->new(up => 0, fast => 0);
my $f = bless { hall => $hall, name => 'door_rates' }, 'Faults';
$f->interpose('box');
$hall->up;
ok($hall->ready, 'the hall is ready');
$hall->sql(q{UPDATE hall.message_class SET opens = '00:00', closes = '00:00'});

my $made = 0;
sub put {
	my ($n, $prefix) = @_;
	my $from = $made + 1;
	$made += $n;
	$hall->sql("SELECT hall.door_put(array_agg('$prefix' || lpad(g::text, 11 - length('$prefix'), '0')), array_agg(md5('m' || g)::uuid), 'service', 'blast',
		array_agg(md5('m' || g)::uuid), 'spring v1', array_agg('您好' || g), array_agg('zh'::text), array_agg(1::smallint), '10086', 1, now())
		FROM generate_series($from, $made) AS g");
	return;
}
sub left { my ($prefix) = @_; return $hall->sql("SELECT count(*) FROM hall.held WHERE msisdn LIKE '$prefix%'") }
# The most messages of a prefix that left within any so many seconds, by the times of their batches.
sub most {
	my ($prefix, $seconds) = @_;
	return $hall->sql(qq{SELECT max(n) FROM (SELECT sum(count(*)) OVER (ORDER BY batch RANGE BETWEEN CURRENT ROW AND $seconds * 1000000 - 1 FOLLOWING)
		AS n FROM hall.mt WHERE msisdn LIKE '$prefix%' AND batch > 0 GROUP BY batch) AS b});
}
sub leases { return $hall->sql(q{SELECT count(*) || ' ' || coalesce(round(sum(share)), 0) FROM hall.link_lease WHERE link = 'main' AND until > now() AND share > 0}) }

# Two links by number: one slow, one without a limit.  (The gateway of the tests has one; its name is all that counts here.)
$hall->sql(q{INSERT INTO hall.number_range (prefix, link) VALUES ('1371', 'main');
	INSERT INTO hall.link_rate (link, rate, burst) VALUES ('main', 10, 5)});
ok($hall->wait_until(30, sub { leases() eq '1 10' }), 'the rate is leased');
my $began = time;
put(60, '1371');
put(60, '1372');
ok($hall->wait_until(60, sub { !left('1372') }), 'what has no limit is not held up');
cmp_ok(left('1371'), '>', 0, '… by what has one') if time - $began < 4;
ok($hall->wait_until(120, sub { !left('1371') }), 'the slow ones leave');
cmp_ok(time - $began, '>=', 5, '60 at 10 a second: not at once');
# Anywhere within 2 s: twice the rate, and the burst.
cmp_ok(most('1371', 2), '<=', 25, 'at the rate, and the burst more') or diag $hall->sql("SELECT string_agg(b::text, ' ') FROM (SELECT batch, count(*) FROM hall.mt WHERE msisdn LIKE '1371%' GROUP BY batch ORDER BY batch) AS b");
ok($hall->wait_until(30, sub { $hall->line->stats->{mt_received} >= 120 }), 'the message centre has them all');
is($hall->sql(q{SELECT count(*) FROM hall.mt WHERE msisdn LIKE '1371%' AND link = 'main'}), 60, 'their rows name the link');

# Another smsd: each has half.
$hall->start_second('hall2');
ok($hall->wait_until(60, sub { leases() eq '2 10' }), 'two share the rate') or diag leases();
put(100, '1371');
my $most = 0;
ok($hall->wait_until(120, sub {
	my ($n, $sum) = split ' ', leases();
	$most = $sum if $sum > $most;
	!left('1371');
}), 'all leave');
cmp_ok($most, '<=', 10, 'their shares are never more than the rate');
cmp_ok(most('1371', 2), '<=', 25, 'nor do both together send more');
is($hall->sql(q{SELECT count(DISTINCT instance) FROM hall.mt WHERE msisdn LIKE '1371%'}), 2, 'both have sent');
$hall->kill('hall2');
ok($hall->wait_until(60, sub { leases() eq '1 10' }), 'when one dies the other has all of it again') or diag leases();
$hall->sql(q{DELETE FROM hall.link_rate});

# Replies go by another connection.
is($hall->metrics->{smsd_box_up}, 2, 'two connections');
$f->proxy('box', 'refuse smsd-bulk');
ok($hall->wait_until(30, sub { $hall->metrics->{smsd_box_up} == 1 }), 'the one for what nobody asked for is cut');
is(($hall->http('/readyz'))[0], 200, 'smsd is ready all the same');
put(40, '1373');
for my $n (0 .. 4) {
	like($hall->answer("1380013800$n", 'YE'), qr/./, "answer $n comes");
}
is($hall->sql(q{SELECT count(*) FROM hall.mt WHERE msisdn LIKE '1373%' AND state = 'delivered'}), 0, 'what nobody asked for waits');
$f->proxy('box', 'pass');
ok($hall->wait_until(60, sub { $hall->metrics->{smsd_box_up} == 2 }), 'the connection is back');
ok($hall->wait_until(60, sub { $hall->sql(q{SELECT count(*) FROM hall.mt WHERE msisdn LIKE '1373%' AND state = 'delivered'}) == 40 }),
	'all are delivered, and their reports come back');

# Cut while messages are under way: what was not acknowledged goes again.
$f->proxy('box', 'stall s2c');
put(40, '1374');
ok($hall->wait_until(60, sub { $hall->sql(q{SELECT count(*) FROM hall.mt WHERE msisdn LIKE '1374%' AND state = 'queued'}) > 0 }), 'some are under way');
$f->proxy('box', 'cut');
$f->proxy('box', 'pass');
ok($hall->wait_until(90, sub { $hall->sql(q{SELECT count(*) FROM hall.mt WHERE msisdn LIKE '1374%' AND state = 'delivered'}) == 40 }),
	'cut in the middle: all are delivered in the end');
ok($hall->wait_until(30, sub { $hall->metrics->{smsd_mt_open} == 0 }), 'none is open any more');
my ($rc, $out, $err) = $hall->smsctl('audit');
is($rc, 0, 'the books close') or diag $out, $err;
done_testing;
