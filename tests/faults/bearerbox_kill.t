#!/usr/bin/perl
# SIGKILL of bearerbox: what it had taken is in its spool, what it had not the SMSC sends again, under new ids.
use strict;
use warnings;
use utf8;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Faults;
use Test::More;

my $f = Faults->new('bearerbox_kill');
for (1 .. ($Faults::LONG ? 40 : 3)) {
	$f->run(rand 0.4);
	$f->fault(sub {
		$f->hall->kill('kannel');
		$f->hall->start('kannel');
	});
}
$f->run(0.3);
$f->close_books;
done_testing;
