#!/usr/bin/perl
# smsd dies at each of its crash points (smsd/base/crash_list.h) under load.  FAULTS_LONG=1 checks the books after each.
use strict;
use warnings;
use utf8;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Faults;
use Test::More;

my $f = Faults->new_crashing('crash_points', rate => 500);
my $hall = $f->hall;
cmp_ok(scalar @{$f->{points}}, '>', 15, 'there are crash points');
$f->run(0.3);
$hall->kill('smsd');
for my $point (@{$f->{points}}) {
	# The first version is the one that it finds at its start.
	ok($f->crash($point, $point =~ /^tables_/ ? (passing => 2) : ()), "$point: it dies there");
	next unless $Faults::LONG;
	$hall->start('smsd');
	$f->run(0.1);
	$f->check($point);
	$hall->kill('smsd');
}
$hall->start('smsd');
$f->run(0.3);
$f->close_books;
$f->check_failing;
done_testing;
