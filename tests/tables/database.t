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
like($out, qr/ok\nversion (\d+) is active\nno smsd runs: it will be in force when one starts\n\z/, 'and active');
my $first = active();
my @before = history();

($status, $out) = apply($dir);
is($status, 0, 'applied again');
is($out, "nothing changed: version $first is active\nno smsd runs: it will be in force when one starts\n", 'nothing changes');

edit($dir, '["BALANCE"]', '["BALANCE", "MONEY LEFT"]');
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

# ---- the database's side

sub sql {
	my ($sql) = @_;
	open my $psql, '-|', 'psql', '-XAtq', '-c', $sql or die "psql: $!\n";
	local $/;
	my $out = <$psql> // '';
	close $psql;
	$out =~ s{\n\z}{};
	return $out;
}

is(sql(q{SELECT count(*) > 0 AND bool_and(prosecdef AND proowner = 'hall_command'::regrole
		AND has_function_privilege('smsd', oid, 'EXECUTE') AND has_function_privilege('hall_ops', oid, 'EXECUTE')
		AND NOT has_function_privilege('hall_viewer', oid, 'EXECUTE'))
	FROM pg_proc WHERE pronamespace = 'hall_cmd'::regnamespace}), 't', "commands' functions: owner, definer, who may call them");
is(sql(q{SELECT bool_and('transaction_read_only=on' = ANY (p.proconfig))
	FROM pg_proc p JOIN hall.table_function f ON p.proname = split_part(f.function, '.', 2)
	WHERE f.command = 'good.balance'}), 't', "a query's function only reads");
is(sql(q{SELECT count(*) FROM pg_proc p WHERE pronamespace = 'hall_cmd'::regnamespace AND NOT EXISTS (
		SELECT FROM hall.table_function f WHERE f.function = 'hall_cmd.' || p.proname)}), 0,
	'checks that were refused left no function behind');
like(`psql -XAtq <<'END' 2>&1
LISTEN hall_tables;
\\! $Golden::SMSCTL tables rollback $second >/dev/null
SELECT 'asked';
END
`, qr/notification "hall_tables" with payload "$second"/, 'a change of version is announced');

sql(q{CREATE TABLE hall_api.many AS SELECT g AS id, 'x' || g AS v FROM generate_series(1, 20000) AS g});
sql(q{GRANT SELECT ON hall_api.many TO hall_command; ANALYZE hall_api.many});
($status, $out) = Golden::smsctl('tables', 'check', Golden::folder("$FindBin::Bin/scan.yaml"));
is($status, 0, 'a warning is no error');
like($out, qr/scan\.yaml:10:10: warning: scan\.look_up reads the whole table hall_api\.many, about 20000 rows/, 'a large scan is warned of');
sql(q{CREATE INDEX ON hall_api.many (id)});
($status, $out) = Golden::smsctl('tables', 'check', Golden::folder("$FindBin::Bin/scan.yaml"));
is($out, "2 files, 1 command, 1 example: ok\n", 'but not with an index');
sql(q{DROP TABLE hall_api.many});

# ---- try

my $tables = Golden::folder("$FindBin::Bin/try.yaml");
($status, $out) = Golden::smsctl('try', '13800138000', 'ＣＡＲＤ', '1234-5678-9012-3456', '--tables', $tables, '--to', '1008601',
	'--now', '2026-11-22 08:30');
is($status, 0, 'try');
unlike($out, qr/9012|3456/, 'a secret is hidden');
like($out, qr/^arguments\s+card=\(hidden\)$/m, 'which argument it is, is not');
like($out, qr/^reply\s+16位 2026-11-22 08:30 1008601$/m, 'the reply, with the time and port asked for');
($status, $out) = Golden::smsctl('try', '13800138009', 'DIV 0', '--tables', $tables);
like($out, qr/^outcome\s+error$/m, 'an error of the SQL');
like($out, qr/^reply\s+Sorry, please try later$/m, 'gets the apology');
like($out, qr/^error\s+division by zero \(SQLSTATE 22012\): the text would be parked$/m, 'and says what would be parked');
like((Golden::smsctl('try', '13800138009', 'DIV 5', '--lang', 'zh', '--json', '--tables', $tables))[1],
	qr/"command": "try\.fails".*"arguments": "n=5".*"changes": false, "reply": "2".*"lang": "zh", "lang_why": "given"/, 'JSON');
is((Golden::smsctl('try', '13800138000'))[0], 2, 'usage: no text');
is((Golden::smsctl('try', '10086', 'YE'))[0], 2, 'usage: no subscriber');

# ---- understand

sub file {
	my ($name, @line) = @_;
	open my $to, '>', "$export/$name" or die "$export/$name: $!\n";
	print $to map { join("\t", @$_) . "\n" } @line;
	close $to;
	return "$export/$name";
}

my $intents = file('intents.tsv', ['# comment'], ['balance', 'good.balance', '-'], ['service_on', 'good.service_on', 'code']);
sub understand {
	my ($status, $out, $err) = Golden::smsctl('understand', '--intents', $intents, file('texts.tsv', @_));
	diag($err) if $err;
	return (split /\n/, $out)[-1] // '';
}

is(understand(['balance', '-', 'balance']), 'understood 1 of 1, wrongly done 0', 'understood');
is(understand(['balance', '-', 'nothing like it']), 'understood 0 of 1, wrongly done 0', 'not understood');
is(understand(['service_on', 'CAILING', 'KT\tcailing\n']), 'understood 1 of 1, wrongly done 0', 'with its argument');
is(understand(['service_on', 'LDXS', 'KT CAILING']), 'understood 0 of 1, wrongly done 1', 'another service was switched on');
is(understand(['balance', '-', 'KT CAILING']), 'understood 0 of 1, wrongly done 1', 'a charge where a question was meant');
is(understand(['none', '-', 'KT CAILING']), 'understood 0 of 1, wrongly done 1', 'a charge where nothing was meant');
is(understand(['none', '-', 'KT NOSUCH']), 'understood 1 of 1, wrongly done 0', 'a refusal is right where nothing was meant');
is(understand(['none', '-', 'KT']), 'understood 1 of 1, wrongly done 0', 'so is a usage text');
is(understand(['none', '-', 'balance']), 'understood 0 of 1, wrongly done 0', 'an answer that nobody asked for is a miss');
is(understand(['offer', '-', 'KT CAILIN']), 'understood 1 of 1, wrongly done 0', 'a slip that is not done');
is(understand(['offer', '-', 'KT CAILING']), 'understood 0 of 1, wrongly done 1', 'a slip that is done');
is(understand(['transfer', '13900139000,20', 'ZZ 13900139000 20']), 'understood 0 of 1, wrongly done 0', 'no command for it');

$intents = file('intents.tsv', ['balance', 'good.nothing', '-']);
my ($failed, $none, $why) = Golden::smsctl('understand', '--intents', $intents, file('texts.tsv', ['balance', '-', 'x']));
is($failed, 1, 'a mapping to a command that is not there');
like($why, qr/intents\.tsv:1: there is no command good\.nothing/, 'is named');

done_testing;
