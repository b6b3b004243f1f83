#!/usr/bin/perl
# SIGSTOP of bearerbox for some seconds, with its links open: answers wait in smsd.
use strict;
use warnings;
use utf8;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Faults;
use Test::More;
use Time::HiRes qw(sleep);

my $f = Faults->new('bearerbox_stop', order => 'strict', repeats => 0);
for (1 .. ($Faults::LONG ? 6 : 1)) {
	$f->run(0.5);
	my $bearerbox = $f->hall->pid('kannel');
	$f->fault(sub {
		CORE::kill('STOP', $bearerbox);
		sleep 8;
		CORE::kill('CONT', $bearerbox);
	});
}
$f->run(0.3);
$f->close_books;
done_testing;
