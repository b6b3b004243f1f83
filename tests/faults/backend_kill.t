#!/usr/bin/perl
# SIGKILL of a session's process of PostgreSQL: the postmaster ends all others and recovers.
use strict;
use warnings;
use utf8;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Faults;
use Test::More;

my $f = Faults->new('backend_kill', order => 'strict', repeats => 0);
my $smsd = $f->hall->pid('smsd');
for (1 .. ($Faults::LONG ? 25 : 4)) {
	$f->run(rand 0.5);
	$f->fault(sub {
		my $pid = $f->sql(q{SELECT pid FROM pg_stat_activity WHERE usename = 'smsd' ORDER BY state = 'idle', random() LIMIT 1});
		CORE::kill('KILL', $pid) or die "kill $pid: $!\n";
		$f->hall->wait_until(30, sub { $f->sql('SELECT 1') }) or die "PostgreSQL did not come back\n";
	});
}
is($f->hall->pid('smsd'), $smsd, 'smsd lived through it');
$f->run(0.3);
$f->close_books;
done_testing;
