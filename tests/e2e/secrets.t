#!/usr/bin/perl
# What is secret never lands: after recharging in every way, no voucher's digits are in the hall's tables, in any log, or
# in what is kept of a text that failed.
use strict;
use warnings;
use utf8;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Hall;
use Test::More;

# A command with a secret that fails, so that its text is parked.
my $table = <<'EOY';
table: failing
about: Fails with a secret in its text
scope: group
ports: ["10086"]
commands:
  fail:
    about: Divides by zero
    say: ["FAIL {code}"]
    args:
      code: {is: digits, pattern: '[0-9]{16}', secret: true}
    risk: money
    sql: SELECT 'ok' AS outcome, 1 / (length(:code) - CASE WHEN :code LIKE '9%' THEN 16 ELSE 0 END) AS q
    reply:
      ok: {zh: "好", en: "fine"}
      none: {zh: "无", en: "none"}
    examples:
      - {text: "FAIL 1111222233334444", from: "13800138000", expect: ok}
  quote:
    about: Fails with an error message that quotes the secret
    say: ["QUOTE {code}"]
    args:
      code: {is: digits, pattern: '[0-9]{16}', secret: true}
    risk: money
    sql: SELECT 'ok' AS outcome, CASE WHEN :code LIKE '9%' THEN CAST(:code AS smallint) END AS q
    reply:
      ok: {zh: "好", en: "fine"}
      none: {zh: "无", en: "none"}
    examples:
      - {text: "QUOTE 1111222233334444", from: "13800138000", expect: ok}
EOY

my $hall = Hall->new;
ok($hall->ready, 'the hall is ready');
$hall->apply('failing.yaml' => $table);

my @texts = (
	'CZ 1234567890120001', 'cz#1234567890120002', 'CZ 1234 5678 9012 0003', 'CZ 1234-5678-9012-0004',
	'ＣＺ　１２３４５６７８９０１２０００５', '充值1234567890120006',
	'CZ 13900139000 1234567890120007',
	'CZ 1234567890120001',		# used
	'CZ 1234567890129002',		# expired
	'CZ 9876543210987654',		# unknown
	'CZ 123456789012000',		# a digit short
	'CZ 12345678901200088',		# one too many
	'KT CAILING 1234567890120009',
	'昨天我充值1234567890120010没到账',
	'我的卡号是1234567890120011，帮我充一下',
	'FAIL 9234567890120012', 'QUOTE 9234567890120013',
);
for my $text (@texts) {
	ok(length $hall->answer('13800138000', $text), "answered: $text");
}
is(scalar $hall->sql('SELECT count(*) FROM bss.voucher WHERE used_by = \'13800138000\''), 7, 'the good ones were used');
is(scalar $hall->sql('SELECT count(*) FROM hall.parked'), 2, 'the failing ones are parked');

# Their digits, in any form that keeps them together or in the groups they were typed in.
my $secret = qr/(?:1234\D{0,3}5678\D{0,3}90\D{0,3}12\D{0,3}0\D?0\D?[01]\D?\d?|9876543210987654|923456789012001[23]|123456789012000|１２３４５６７８)/;

my ($rc, $dump, $err) = $hall->run('pg_dump', '--data-only', '--schema=hall',
	'--exclude-table=hall.table_file');	# the tables' own examples
is($rc, 0, 'pg_dump') or diag($err);
like($dump, qr/^COPY hall\.parked/m, '… shows all');
my @leaks = grep { /$secret/ } split /\n/, $dump;
is(scalar @leaks, 0, 'no digits in the schema hall') or diag(join "\n", splice @leaks, 0, 5);
for my $part (qw(smsd kannel pg smsc install)) {
	my $log = $hall->log($part);
	@leaks = grep { /$secret/ } split /\n/, $log;
	is(scalar @leaks, 0, "none in $part.log") or diag(join "\n", splice @leaks, 0, 5);
}
my ($status, $metrics) = $hall->http('/metrics');
ok($metrics !~ $secret, 'none in the metrics');
for my $command (['trace', '13800138000'], ['trace', '13800138000', '--json'], ['parked', 'list', '--json']) {
	my ($rc, $out) = $hall->smsctl(@$command);
	is(scalar(grep { /$secret/ } split /\n/, $out), 0, "none in smsctl @$command");
}
for my $id ($hall->sql('SELECT id FROM hall.parked')) {
	my ($rc, $shown) = $hall->smsctl('parked', 'show', $id);
	is(scalar(grep { /$secret/ } split /\n/, $shown), 0, 'none in smsctl parked show');
}
ok($hall->wait_until(10, sub { !grep { -f } glob "$hall->{dir}/spool/*/*" }), 'and bearerbox keeps nothing of what is done');
is((stat "$hall->{dir}/run/seal.key")[2] & 077, 0, 'the key that opens parked texts is its owner\'s alone');
done_testing;
