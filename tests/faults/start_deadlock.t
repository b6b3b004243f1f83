#!/usr/bin/perl
# smsd starts while somebody locks its tables, in the other order: a deadlock in the middle of its preparations.  The server
# may end either; smsd must come up all the same, with every connection.
use strict;
use warnings;
use utf8;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Faults;
use Test::More;
use Time::HiRes qw(sleep);

my $f = Faults->new('start_deadlock');
my $hall = $f->hall;
for (1 .. ($Faults::LONG ? 6 : 2)) {
	$f->run(0.2);
	$f->fault(sub {
		$hall->kill('smsd');
		my $pid = fork // die "fork: $!\n";
		if (!$pid) {
			eval { $f->sql('BEGIN', 'LOCK TABLE hall.mo IN SHARE ROW EXCLUSIVE MODE', 'SELECT pg_sleep(0.6)',
				'LOCK TABLE hall.mt IN SHARE ROW EXCLUSIVE MODE', 'SELECT pg_sleep(1)', 'COMMIT') };
			POSIX::_exit(0);
		}
		sleep 0.25;
		$hall->start('smsd');
		waitpid $pid, 0;
	});
	ok($hall->wait_until(20, sub { $hall->metrics->{smsd_db_up} == 5 }), 'all connections are up');
}
$f->run(0.3);
$f->close_books;
my %busy = map { $_ => 1 } $f->sql(q{SELECT DISTINCT conn FROM hall.mo WHERE batch > 1000000 * extract(epoch FROM now() - interval '5 s')});
is(keys %busy, 2, '… and all have worked');
done_testing;
