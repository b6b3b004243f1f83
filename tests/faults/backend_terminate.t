#!/usr/bin/perl
# An administrator ends smsd's sessions, one by chance after the other, faster than it can be called quiet between.
use strict;
use warnings;
use utf8;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Faults;
use Test::More;

my $f = Faults->new('backend_terminate', order => 'strict', repeats => 0);
my $smsd = $f->hall->pid('smsd');
for (1 .. ($Faults::LONG ? 12 : 2)) {
	$f->run(0.2);
	$f->fault(sub {
		# Sessions that smsd is still opening do not count as lost to it.
		$f->sql(<<'EOS');
DO $$
DECLARE
	ended integer[] := '{}';
	one integer;
BEGIN
	FOR i IN 1 .. 300 LOOP
		PERFORM pg_stat_clear_snapshot();
		SELECT pid INTO one FROM pg_stat_activity
		WHERE usename = 'smsd' AND pid <> ALL (ended) AND query <> '' ORDER BY random() LIMIT 1;
		IF FOUND AND pg_terminate_backend(one) THEN
			ended := ended || one;
		END IF;
		EXIT WHEN cardinality(ended) = 20;
		PERFORM pg_sleep(random() * 0.15);
	END LOOP;
END
$$
EOS
	});
}
cmp_ok($f->hall->metrics->{smsd_db_lost_total}, '>=', 20, 'connections were lost');
is($f->hall->pid('smsd'), $smsd, 'smsd lived through it');
$f->run(0.3);
$f->close_books;
done_testing;
