#!/usr/bin/perl
# SIGKILL of smsd at many moments, most of them in the middle of something.
use strict;
use warnings;
use utf8;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Faults;
use Test::More;

my $f = Faults->new('smsd_kill');
for (1 .. ($Faults::LONG ? 60 : 8)) {
	$f->run(rand 0.4);
	$f->fault(sub {
		$f->hall->kill('smsd');
		$f->hall->start('smsd');
	});
}
$f->run(0.3);
$f->close_books;
done_testing;
