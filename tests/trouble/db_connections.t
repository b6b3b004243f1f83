#!/usr/bin/perl
# The server has no connection left when smsd wants to come back: it says so, tries on, works with the first one that is
# free, and loses nothing.
use strict;
use warnings;
use utf8;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Hall;
use Test::More;
use Time::HiRes qw(sleep time);
use Trouble;

use constant HELD => Trouble::LONG ? 30 : 3;

my $hall = Trouble::hall(up => 0);
$hall->start('pg');
$hall->sql('ALTER SYSTEM SET max_connections = 8');
$hall->stop('pg');
$hall->up;
ok($hall->ready, 'the hall is ready, with 8 connections to be had, 3 of them for the superuser');

# Others that want a connection as much as smsd does, and sit on it.
my %env = ($hall->env, PGUSER => 'smsd', PGAPPNAME => 'other');
my @other;
pipe my $never, my $never_in or die "pipe: $!\n";
Trouble::at_end(sub { CORE::kill('KILL', map { -$_ } @other) if @other });
sub occupy {
	my $pid = fork // die "fork: $!\n";
	if (!$pid) {
		setpgrp;
		@ENV{keys %env} = values %env;
		open STDIN, '<&', $never;
		open STDERR, '>', '/dev/null';
		open STDOUT, '>', '/dev/null';
		exec 'sh', '-c', 'while :; do psql -Xq; sleep 0.01; done';
	}
	push @other, $pid;
	return;
}
sub release { my $pid = pop @other; CORE::kill('KILL', -$pid); waitpid $pid, 0; return }
my $mine = q{FROM pg_stat_activity WHERE application_name = 'smsd'};

my $load = Trouble::load($hall, texts => Trouble::LONG ? 12000 : 1500, rate => 200);
$load->answered(300);
my $smsd = $hall->pid('smsd');
occupy() for 1 .. 5;
ok($hall->wait_until(20, sub {
	$hall->sql("SELECT pg_terminate_backend(pid) $mine");
	sleep 0.2;
	$hall->sql("SELECT count(*) $mine") == 0 && $hall->sql(q{SELECT count(*) FROM pg_stat_activity WHERE application_name = 'other'}) == 5;
}), 'others have all connections, smsd none');
my $before = $load->look->{answers};
ok($hall->wait_until(5, sub { ($hall->http('/readyz'))[0] == 503 }), '/readyz says no');
is(($hall->http('/healthz'))[0], 200, '… and /healthz yes');
sleep HELD;
cmp_ok($load->look->{answers} - $before, '<', 150, 'nothing is answered meanwhile');
like($hall->log('smsd'), qr/event=db_down .*too many (clients|connections)|event=db_down .*remaining connection slots/,
	'the log says why');
$load->lifted;
release();
ok($hall->wait_until(10, sub { $hall->sql("SELECT count(*) $mine") >= 1 }), 'one that becomes free is taken at once');
release() while @other;
my $log = $load->finish(60);
Trouble::books($hall, 'db_connections', $log);
ok($hall->ready(10), 'the hall is ready again');
is($hall->pid('smsd'), $smsd, 'smsd lived through it');
done_testing;
