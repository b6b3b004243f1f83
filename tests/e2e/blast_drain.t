#!/usr/bin/perl
# A blast through the real gateway: two smsd share it, one is killed in the middle, nobody is left out and nobody gets it twice
# but for what was under way.
use strict;
use warnings;
use utf8;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Blast;
use Hall;
use Test::More;

my $all = 3000;
my $blast = Blast->new(rate => 1000, fast => 0);
my $hall = $blast->hall;
my $ear = $hall->ear('*');
my (%heard, %text, %port);

# What has come to the handsets until nothing comes for so long.
sub listen_until_quiet {
	my ($quiet) = @_;
	while (defined(my $line = $ear->next($quiet))) {
		my $mt = $ear->parse_mt($line) or next;
		$heard{$mt->{to}}++;
		$text{$mt->{to}} = $mt->{text};
		$port{$mt->{from}}++;
	}
}

$hall->start_second('hall2');
$blast->make('both', { class => 'notice' }, 1 .. $all);
$blast->run('both');
ok($hall->wait_until(60, sub { $blast->handled('both') > 300 && $hall->sql(q{SELECT count(DISTINCT instance) FROM hall.blast_range
	WHERE instance IS NOT NULL}) == 2 }), 'two smsd drain it together');
$hall->kill('smsd');
cmp_ok($blast->handled('both'), '<', $all, 'one is killed in the middle');
ok($blast->wait_state('both', 'done', 120), 'the other one does the rest, when the lease of the first is over');
is($blast->handled('both'), $all, 'all were handled');
is($hall->sql(q{SELECT count(*) || ' ' || count(DISTINCT msisdn) FROM hall.mt WHERE cause = 'blast'}), "$all $all", 'each has one message');
$hall->start('smsd');
ok($hall->ready, 'the first one begins anew');
ok($hall->wait_until(60, sub { !$hall->sql(q{SELECT count(*) FROM hall.mt m
	JOIN hall.sender s ON s.instance = m.instance AND s.conn = m.conn WHERE m.state = 'queued' AND m.batch > s.accepted}) }), 'the gateway has taken all');
listen_until_quiet(3);
is(scalar(keys %heard), $all, 'nobody was left out');
my $twice = 0;
$twice += $_ - 1 for values %heard;
my $status = $blast->call('status', 'both');
cmp_ok($twice, '<=', $status->{again}, "twice came $twice, no more than were counted as under way: $status->{again}");
cmp_ok($status->{again}, '<=', 200, '… which is bounded');
ok($hall->wait_until(60, sub { $hall->sql(q{SELECT count(*) FROM hall.mt WHERE cause = 'blast' AND state = 'delivered'}) == $all }),
	'delivery reports find their rows');
is($blast->call('report', 'both')->{funnel}{delivered}, $all, '… and are in the report');
is($text{Blast::who(17)}, '17号您好', 'each reads his own');
is_deeply([ keys %port ], ['10086'], '… from the port of the hall');
is($hall->sql(q{SELECT DISTINCT class || ' ' || wording FROM hall.mt WHERE cause = 'blast'}), 'notice both A', 'the row says which wording of which blast');
is($status->{sent} + $status->{held} + $status->{refused} + $status->{control} + $status->{left}, $all, 'the status adds up');
my ($rc, $out, $err) = $hall->smsctl('audit');
is($rc, 0, 'the books close') or diag $out, $err;
done_testing;
