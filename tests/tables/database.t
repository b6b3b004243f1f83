#!/usr/bin/perl
# database.t - tables that only the database can find fault with, and the life of versions: apply, history, rollback,
# diff, export.  In a database of its own, made and thrown away by tests/stack/hall.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use File::Copy qw(copy);
use File::Temp qw(tempdir);
use Golden;
use Test::More;

plan skip_all => "$Golden::SMSCTL is not built (make)" unless -x $Golden::SMSCTL;
if (!$ENV{TABLES_DATABASE}) {
	$ENV{TABLES_DATABASE} = 1;
	exec "$Golden::ROOT/tests/stack/hall", 'with', '-', '--', $^X, $0 or die "tests/stack/hall: $!\n";
}

sub active { (grep { $_->[1] eq 'active' } history())[0][0] }
sub history {
	my ($status, $out) = Golden::smsctl('tables', 'history', '--json');
	return map { [/"version": (\d+), "state": "(\w+)"/] } grep { /"version"/ } split /\n/, $out;
}
sub edit {
	my ($dir, $from, $to) = @_;
	my $text = Golden::slurp("$dir/good.yaml");
	$text =~ s/\Q$from\E/$to/ or die "no '$from' in good.yaml\n";
	open my $out, '>', "$dir/good.yaml" or die "$dir/good.yaml: $!\n";
	print $out $text;
	close $out;
}
sub apply { return Golden::smsctl('tables', 'apply', @_) }

Golden::compare('online');

my $dir = Golden::folder("$FindBin::Bin/online/good.yaml");
my ($status, $out, $err) = apply($dir, '--note', 'the first of the test');
is($status, 0, 'good tables are applied') or diag($out, $err);
like($out, qr/ok\nversion (\d+) is active\n\z/, 'and active');
my $first = active();
my @before = history();

($status, $out) = apply($dir);
is($status, 0, 'applied again');
is($out, "nothing changed: version $first is active\n", 'nothing changes');

edit($dir, 'BALANCE', 'MONEY LEFT');
($status, $out) = Golden::smsctl('tables', 'diff', $dir);
like($out, qr/^changed\s+good\.yaml\s+command balance$/m, 'diff names the command');
is(scalar(split /\n/, $out), 2, 'and only it');
($status, $out) = apply($dir);
is($status, 0, 'an edited table is applied');
cmp_ok(active(), '>', $first, 'as a new version');
($status, $out) = Golden::smsctl('try', '13800138000', 'MONEY LEFT');
like($out, qr/^command\s+good\.balance$/m, 'the new wording is understood');

my $second = active();
edit($dir, 'hall_api.balance(', 'hall_api.nothing(');
($status, $out, $err) = apply($dir);
is($status, 1, 'a broken table is refused');
like($out, qr/error: SQL of good\.balance: /, 'with the reason');
like($err, qr/refused, nothing was changed/, 'wholly');
is(active(), $second, 'and the active version stays');

($status, $out) = Golden::smsctl('tables', 'rollback', $first);
is($status, 0, 'rollback');
is(active(), $first, 'makes the older one active');
($status, $out) = Golden::smsctl('try', '13800138000', 'MONEY LEFT');
like($out, qr/^outcome\s+unknown$/m, 'the newer wording is understood no longer');
is(scalar history(), @before + 1, 'no version was made by it');
($status, $out, $err) = Golden::smsctl('tables', 'rollback', $first);
is($status, 1, 'rollback to the active version is refused');
($status, $out, $err) = Golden::smsctl('tables', 'rollback', 999999);
is($status, 1, 'rollback to none is refused');

my $export = tempdir(CLEANUP => 1);
($status, $out) = Golden::smsctl('tables', 'export', "$export/new");
is($status, 0, 'export');
is(Golden::slurp("$export/new/good.yaml"), Golden::slurp("$FindBin::Bin/online/good.yaml"), 'gives the files back');
($status, $out, $err) = Golden::smsctl('tables', 'export', '--version', $second, "$export/new");
is($status, 1, 'export writes over no file that differs');
is(Golden::slurp("$export/new/good.yaml"), Golden::slurp("$FindBin::Bin/online/good.yaml"), 'not even partly');

done_testing;
