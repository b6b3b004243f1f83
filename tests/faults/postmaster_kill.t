#!/usr/bin/perl
# SIGKILL of PostgreSQL's postmaster; it is started again.
use strict;
use warnings;
use utf8;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Faults;
use Test::More;

my $f = Faults->new('postmaster_kill', order => 'strict', repeats => 0);
my $smsd = $f->hall->pid('smsd');
for (1 .. ($Faults::LONG ? 12 : 1)) {
	$f->run(0.3 + rand 0.4);
	$f->fault(sub {
		$f->hall->kill('pg');
		$f->hall->start('pg');
	});
}
is($f->hall->pid('smsd'), $smsd, 'smsd lived through it');
$f->run(0.3);
$f->close_books;
done_testing;
