#!/usr/bin/perl
# check.t - `smsctl tables check --offline` on tables that are broken in every way that shows without a database.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Golden;
use Test::More;

plan skip_all => "$Golden::SMSCTL is not built (make)" unless -x $Golden::SMSCTL;
$ENV{PGHOST} = '/nonexistent';	# nothing here may ask a database

Golden::compare('offline', '--offline');

my $good = "$FindBin::Bin/offline/good.yaml";
my ($status, $out, $err) = Golden::smsctl('tables', 'check', Golden::folder($good));
is($status, 0, 'without a database the offline half decides');
like($err, qr/SQL and examples were not tried/, 'and that is said');

($status, $out, $err) = Golden::smsctl('tables', 'check', '/nonexistent/folder');
is($status, 1, 'a folder that is not there');
like($err, qr{/nonexistent/folder: No such file}, 'is named');

($status, $out, $err) = Golden::smsctl('tables', 'check', '--offline', '--json', Golden::folder("$FindBin::Bin/offline/none.yaml"));
is($status, 1, 'JSON: exit status');
like($out, qr/\A\[\n\{"file": "[^"]+none\.yaml", "line": 1, "column": 1, "level": "error", "text": "[^"]+"\},\n/, 'JSON: rows');

for my $wrong (['tables', 'chekc'], ['tables', 'rollback'], ['tables', 'rollback', 'x'], ['tables', 'history', '--note', 'x']) {
	($status) = Golden::smsctl(@$wrong);
	is($status, 2, "usage: @$wrong");
}
done_testing;
