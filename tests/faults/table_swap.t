#!/usr/bin/perl
# New versions of the tables, and old ones again, while texts pour in; the commands that are texted change each time.
use strict;
use warnings;
use utf8;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Faults;
use Test::More;

my $f = Faults->new('table_swap', order => 'strict', repeats => 0, rate => 250);
my $hall = $f->hall;
my %tables = map { ("$_.yaml" => Hall::slurp("$ENV{HALL_COMMANDS}/$_.yaml")) } qw(services recharge events bills);
my @versions = $hall->sql(q{SELECT id FROM hall.table_version WHERE state = 'active'});
for my $n (1 .. ($Faults::LONG ? 30 : 4)) {
	# The same SQL in other words: a function of its own, which every connection has yet to prepare.
	my %changed = map { ($_ => $tables{$_} =~ s/^(    sql: SELECT .*)$/$1 LIMIT @{[100 + $n]}/mgr) } keys %tables;
	$f->run(0.2);
	$f->fault(sub {
		my ($status, $out, $err) = $hall->smsctl('tables', 'apply', $hall->tables_dir(%changed));
		is($status, 0, 'a new version is applied') or diag($out, $err);
	});
	$hall->wait_version;
	push @versions, $hall->sql(q{SELECT id FROM hall.table_version WHERE state = 'active'});
	$f->run(0.2);
	my $old = $versions[rand @versions];
	$f->fault(sub {
		my ($status, $out, $err) = $hall->smsctl('tables', 'rollback', $old);
		is($status, 0, 'an old one is made active again') or diag($out, $err) if $old != $versions[-1];
	});
	$hall->wait_version;
}
my ($seen) = $f->sql('SELECT count(DISTINCT version) FROM hall.mo');
cmp_ok($seen, '>=', 3, 'texts were answered by many versions');
is(scalar $f->sql('SELECT count(*) FROM hall.mo WHERE version NOT IN (SELECT id FROM hall.table_version)'), 0, '… which all exist');
diag("table_swap: versions=$seen");
$f->run(0.3);
$f->close_books;
done_testing;
