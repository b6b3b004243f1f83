#!/usr/bin/perl
# The books of a blast: what goes again after a lost link is counted for its blast, and a smsd that ends in order leaves its
# ranges to the others.
use strict;
use warnings;
use utf8;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Blast;
use Hall;
use Test::More;
use Time::HiRes qw(sleep time);

my $blast = Blast->new(rate => 400, fast => 0);
my $hall = $blast->hall;
my %heard;
my $ear = $hall->new_line;
$ear->send('LISTEN *');
$ear->expect(qr/^OK/, 10) or die "no OK\n";
sub listen_until_quiet {
	my ($quiet) = @_;
	while (defined(my $line = $ear->next($quiet))) {
		my $mt = $ear->parse_mt($line) or next;
		$heard{$mt->{to}}++;
	}
}
sub times_of { return map { $heard{Blast::who($_)} // 0 } @_ }

# The gateway stands still, then its link is lost: what it had not acknowledged goes again.
$blast->make('lost', {}, 1 .. 400);
$blast->make('later', {}, 1001 .. 1010);
CORE::kill('STOP', $hall->pid('kannel'));
$blast->run('lost');
ok($hall->wait_until(60, sub { $blast->handled('lost') > 0 }), 'a blast begins while the gateway stands still');
my $before;
ok($hall->wait_until(60, sub {
	my $now = $blast->handled('lost');
	my $still = defined $before && $now == $before;
	$before = $now;
	sleep 1;
	return $still;
}), '… and goes no further than may be under way');
my $under_way = $blast->handled('lost');
$hall->kill('kannel');
$hall->start('kannel');
$blast->run('later');
ok($blast->wait_state('lost', 'done', 120) && $blast->wait_state('later', 'done', 120), 'with the gateway back it is done');
ok($hall->wait_until(60, sub { !$hall->sql(q{SELECT count(*) FROM hall.mt m
	JOIN hall.sender s ON s.instance = m.instance AND s.conn = m.conn WHERE m.state = 'queued' AND m.batch > s.accepted}) }),
	'the gateway has taken all');
listen_until_quiet(3);
my $status = $blast->call('status', 'lost');
my @times = times_of(1 .. 400);
my $twice = grep { $_ > 1 } @times;
cmp_ok($status->{again}, '>=', 1, "what went again is counted for it: $status->{again}");
cmp_ok($status->{again}, '<=', $under_way, "… and no more than were under way: $under_way");
is_deeply($status->{again_whys}, { link => $status->{again} }, '… with the reason');
is(scalar(grep { $_ == 0 } @times), 0, 'nobody was left out');
cmp_ok($twice, '<=', $status->{again}, "$twice got it twice, no more than were counted");
is($blast->call('status', 'later')->{again}, 0, 'another blast has nothing of it');
is($blast->call($_, 'lost')->{again}, $status->{again}, "$_ says so too") for qw(report show);
my ($rc, $out) = $hall->smsctl(qw(blast report lost));
like($out, qr/^at most $status->{again} perhaps sent twice: 0 after a smsd died, $status->{again} after a gateway's link was lost$/m, '… in words');
is(scalar $hall->sql(q{SELECT count(*) || ' ' || sum(messages) FROM hall.blast_again}), "1 $status->{again}", 'counted once');

# Two smsd, of which one ends in order, in the middle.
$hall->start_second('hall2');
$blast->make('shared', { options => '{"rate": 60}' }, 2001 .. 2600);
$blast->run('shared');
my $leased = q{SELECT count(*) FROM hall.blast_range r JOIN hall.blast b ON b.id = r.blast
	WHERE b.name = 'shared' AND r.instance = '%s' AND r.leased_until > now() AND r.next <= r.last};
ok($hall->wait_until(60, sub { $hall->sql(sprintf $leased, 'hall1') > 0 && $hall->sql(sprintf $leased, 'hall2') > 0 }), 'two smsd share a blast');
$hall->stop('smsd');
my $done = $blast->handled('shared');
cmp_ok($done, '<', 600, "one ends in order when $done of 600 are handled");
is(scalar $hall->sql(sprintf $leased, 'hall1'), 0, '… and has nothing leased any more');
is_deeply($blast->call('status', 'shared')->{instances}, ['hall2'], '… the other one drains it');
$blast->must(q{hall.blast_rate('author', 'shared', NULL)});
ok($blast->wait_state('shared', 'done', 120), '… to its end');
listen_until_quiet(3);
is(scalar(grep { $_ != 1 } times_of(2001 .. 2600)), 0, 'each got it once');
is($blast->call('status', 'shared')->{again}, 0, '… and nothing was in doubt');
($rc, $out, my $err) = $hall->smsctl('audit');
is($rc, 0, 'the books close') or diag $out, $err;
done_testing;
