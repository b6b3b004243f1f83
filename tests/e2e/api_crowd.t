#!/usr/bin/perl
# The API under a crowd: two hundred clients at once while customers are answered, clients that dawdle or leave, a database that
# stops answering, is restarted, or is slow; past its limits the answer is 503 with when to come again.
use strict;
use warnings;
use utf8;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Api;
use Hall;
use POSIX ();
use Test::More;
use Time::HiRes qw(sleep time);

my $hall = Hall->new;
ok($hall->ready, 'the hall is ready');
my $api = Api->new($hall);
$api->user('counter', 'channel');
my $path = '/api/v1/triggers';

# Runs a function in so many processes; the statuses that they returned, counted.
sub crowd {
	my ($n, $what) = @_;
	my @pid;
	for my $i (1 .. $n) {
		my $pid = fork // die "fork: $!\n";
		if (!$pid) {
			my $status = eval { $what->($i) };
			POSIX::_exit($status // 255);
		}
		push @pid, $pid;
	}
	return sub {
		my %seen;
		for (@pid) {
			waitpid $_, 0;
			$seen{$? >> 8}++;
		}
		return \%seen;
	};
}

my $end = crowd(200, sub {
	my ($i) = @_;
	for my $n (1 .. 5) {
		my $r = $api->post(counter => $path, {name => 'crowd', key => "$i $n"});
		return 1 unless $r->{status} == 200 && $r->{json}{ok} == 1;
	}
	return 0;
});
for (1 .. 5) {
	like($hall->answer('13800138000', 'YE', timeout => 60), qr/86\.50/, 'a customer is answered meanwhile');
}
is_deeply($end->(), {0 => 200}, 'two hundred clients at once are all served');
is($hall->sql(q{SELECT count(*) FROM hall.trigger WHERE name = 'crowd'}), 1000, '… and each report is kept');

# Clients that dawdle, each holding a connection: with half a head, half a body, or an answer that nobody reads.
my $token = $api->token('counter');
my @slow = map { $api->raw } 1 .. 60;
for my $i (0 .. $#slow) {
	my $s = $slow[$i];
	print $s "POST $path HTTP/1.1\r\nHost: x\r\n";
	print $s "Authorization: Bearer $token\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{" if $i % 2;
}
my $begun = time;
is($api->post(counter => $path, {name => 'slow', key => '1'})->{status}, 200, 'sixty clients that dawdle stop nobody');
is(($hall->http('/healthz'))[0], 200, '… nor the probes');
my $pid = fork // die "fork: $!\n";
if (!$pid) {	# an octet now and then keeps a connection from being idle
	$SIG{PIPE} = 'IGNORE';
	for (1 .. 200) {
		my $gone = 0;
		$gone += !defined syswrite($_, 'x') for @slow;
		POSIX::_exit(0) if $gone == @slow;
		sleep 1;
	}
	POSIX::_exit(1);
}
waitpid $pid, 0;
is($?, 0, 'they are cut off, however busily they dawdle');
cmp_ok(time - $begun, '>', 5, sprintf '… not at once: after %d s', time - $begun);
is($hall->sql(q{SELECT count(*) FROM hall.trigger WHERE name = 'slow'}), 1, '… and nothing of theirs was done');

# Clients that leave before their answer.
for (1 .. 50) {
	my $s = $api->raw;
	my $body = qq({"name": "left", "key": "$_"});
	print $s "POST $path HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer $token\r\nContent-Type: application/json\r\nContent-Length: "
		. length($body) . "\r\n\r\n$body";
	close $s;
}
is($api->post(counter => $path, {name => 'left', key => 'last'})->{status}, 200, 'clients that leave early harm nobody');

# The database does not answer: calls wait, and past the limit are refused at once.
my $lock = fork // die "fork: $!\n";
if (!$lock) {
	eval { $hall->sql(q{BEGIN; LOCK TABLE hall.trigger IN ACCESS EXCLUSIVE MODE; SELECT pg_sleep(600)}) };
	POSIX::_exit(0);
}
ok($hall->wait_until(20, sub { $hall->sql(q{SELECT count(*) FROM pg_locks WHERE relation = 'hall.trigger'::regclass
	AND mode = 'AccessExclusiveLock' AND granted}) }), 'the table is locked');
my @asked;
for my $i (1 .. 300) {		# from one process, so that all are there before the first is given up
	my $s = $api->raw;
	my $body = qq({"name": "locked", "key": "k$i"});
	print $s "POST $path HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer $token\r\nContent-Type: application/json\r\n",
		'Content-Length: ', length $body, "\r\n\r\n", $body;
	push @asked, $s;
}
my %seen;
for my $s (@asked) {
	local $/;
	my ($status, $code) = (<$s> // '') =~ m{^HTTP/1.1 (\d+) .*^Retry-After: \d+.*"code":"(\w+)"}ms;
	$seen{($status // '-') . ' ' . ($code // '-')}++;
}
my $unknown = $seen{'503 unknown_outcome'} // 0;
is(join(' ', grep { !/^503 (?:busy|timeout|try_again|unknown_outcome|database_down)$/ } sort keys %seen), '',
	'nobody waits for ever: all hear 503 and when to come again') or diag(explain(\%seen));
cmp_ok($seen{'503 busy'} // 0, '>=', 40, '… those past the limit at once');
cmp_ok($unknown, '<', 150, '… of few it is unknown whether they were done');
is(($hall->http('/healthz'))[0], 200, '… and the loop turns');
$hall->sql(q{SELECT pg_terminate_backend(pid) FROM pg_locks WHERE relation = 'hall.trigger'::regclass AND mode = 'AccessExclusiveLock'});
waitpid $lock, 0;
ok($hall->wait_until(60, sub { $api->post(counter => $path, {name => 'locked', key => 'after'})->{status} == 200 }), 'then it goes on');
cmp_ok($hall->sql(q{SELECT count(*) FROM hall.trigger WHERE name = 'locked' AND key <> 'after'}), '<=', $unknown,
	'… and nothing was done of what was said not to be');

# The database is down, and comes again.
$hall->stop('pg');
my $r = $api->post(counter => $path, {name => 'down', key => '1'});
is("$r->{status} $r->{code}", '503 database_down', 'no database: 503, with the reason');
cmp_ok($r->{headers}{'retry-after'}, '>', 0, '… and when to come again');
$end = crowd(20, sub {
	my ($i) = @_;
	for (1 .. 300) {
		my $r = $api->post(counter => $path, {name => 'down', key => "k$i"});
		return 0 if $r->{status} == 200;
		return 1 if $r->{status} != 503;
		sleep 0.2;
	}
	return 2;
});
$hall->start('pg');
is_deeply($end->(), {0 => 20}, 'it comes again: all who tried again are served');
is($hall->sql(q{SELECT count(*) FROM hall.trigger WHERE name = 'down' AND key <> '1'}), 20, '… once each');
ok($hall->wait_until(20, sub { $hall->metrics->{smsd_api_waiting} == 0 }), 'nobody waits any more');
cmp_ok($hall->metrics->{'smsd_api_total{status="503"}'}, '>=', 300, 'they are counted');
done_testing;
