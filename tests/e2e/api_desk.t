#!/usr/bin/perl
# What `smsctl blast` does before and after a blast is sent, by HTTP: lists that a query chooses, what such a query may not do,
# values that a text lacks, previews with segments and cost, tests to staff, whole numbers for who may see them.
use strict;
use warnings;
use utf8;
use Encode qw(encode);
use FindBin;
use JSON::PP ();
use lib "$FindBin::Bin/../lib";
use Api;
use Hall;
use Test::More;

my $hall = Hall->new;
ok($hall->ready, 'the hall is ready');
$hall->sql(q{UPDATE hall.message_class SET opens = '00:00', closes = '00:00'});
my $api = Api->new($hall);
$api->user('zhou', 'author');
$api->user('wu', 'approver');
$api->user('eve', 'viewer');
$api->user('app', 'channel');
my $path = '/api/v1/blasts';

sub says {
	my ($r, $expected, $what) = @_;
	is("$r->{status} $r->{code}", $expected, $what) or diag($r->{content});
	return $r->{json};
}
sub csv { my ($who, $blast, $text, $query) = @_; return $api->post($who, "$path/$blast/recipients" . ($query // ''), \encode('UTF-8', $text), 'Content-Type' => 'text/csv') }
sub ctl {
	my ($status, $out, $err) = $hall->smsctl('blast', @_);
	die "smsctl blast @_: $out$err" if $status;
	return JSON::PP->new->utf8->decode(encode('UTF-8', $out));
}
# All that a refused request could have changed.
sub state_of {
	return $hall->sql(q{SELECT md5(concat((SELECT string_agg(b::text, ';' ORDER BY b.id) FROM hall.blast b),
		(SELECT string_agg(r::text, ';' ORDER BY r.blast, r.n) FROM hall.blast_recipient r), (SELECT count(*) FROM hall.blast_load),
		(SELECT string_agg(l::text, ';' ORDER BY l.n) FROM hall.blast_log l), (SELECT count(*) FROM hall.mt WHERE cause = 'blast')))});
}
sub refused {
	my ($expected, $what, @request) = @_;
	my $before = state_of();
	my $said = says($api->ask(@request), $expected, $what);
	is(state_of(), $before, '… and nothing changed');
	return $said->{error};
}

# ---- a list that a query chooses

my $long = '畅' x 70;
my %new = (name => 'may', class => 'service', columns => ['plan', 'balance'],
	texts => {A => {zh => '{{plan}}您好，余额{{balance|yuan}}', en => 'Your plan: {{plan}}'}, B => {zh => "{{plan}}$long", en => 'Plan {{plan}}'}});
says($api->post(zhou => $path, \%new), '201 ', 'a blast');
my $query = 'SELECT msisdn, lang, plan, balance FROM subscriber ORDER BY msisdn;';
refused('403 wrong_role', "a segment is not for $_", POST => $_, "$path/may/segment", {sql => $query}) for qw(wu eve app);
refused('401 unknown_token', 'nor for who is nobody', POST => 'nobody', "$path/may/segment", {sql => $query});
refused('400 missing_field', 'it wants a query', POST => 'zhou', "$path/may/segment", {});
refused('404 no_such_blast', 'of a blast that there is', POST => 'zhou', "$path/june/segment", {sql => $query});
for (['a table', 'SELECT msisdn, plan, 1 AS balance FROM bss.subscriber', qr/permission denied.*views of the schema segment/],
	['the tokens', 'SELECT owner AS msisdn, 1 AS plan, 1 AS balance FROM hall.token', qr/permission denied/],
	['another role', q{SELECT set_config('role', 'none', false) AS msisdn, 1 AS plan, 1 AS balance}, qr/permission denied for function set_config/],
	['another role in a text', q{SELECT query_to_xml('RESET ROLE', true, true, '')::text AS msisdn, 1 AS plan, 1 AS balance}, qr/only reads/],
	['SQL in a text', q{SELECT query_to_xml('SELECT hash FROM hall.token', true, true, '')::text AS msisdn, 1 AS plan, 1 AS balance}, qr/permission denied/],
	['an approval', q{SELECT (hall.blast_approve('wu', 'may', '')).outcome::text AS msisdn, 1 AS plan, 1 AS balance}, qr/permission denied/],
	['sleeping', 'SELECT pg_sleep(1)::text AS msisdn, 1 AS plan, 1 AS balance', qr/permission denied/],
	['a lock', 'SELECT pg_advisory_lock(1)::text AS msisdn, 1 AS plan, 1 AS balance', qr/permission denied/],
	['a change', q{DELETE FROM list RETURNING msisdn, 1 AS plan, 1 AS balance}, qr/SELECT/],
	['a change within', q{WITH d AS (DELETE FROM list RETURNING msisdn) SELECT msisdn, 1 AS plan, 1 AS balance FROM d}, qr/WITH|permission/],
	['two statements', "$query DROP SCHEMA segment", qr/write one SELECT/],
	['one that closes the bracket', q{SELECT 1) AS r; SELECT set_config('role', 'none', false); SELECT * FROM (SELECT 1}, qr/permission denied|syntax/],
	['a column too few', 'SELECT msisdn, plan FROM subscriber', qr/gives no column "balance"/],
	['a column too many', 'SELECT msisdn, plan, balance, brand FROM subscriber', qr/no column "brand"/],
	['no number', 'SELECT plan, balance FROM subscriber', qr/no column "msisdn"/],
	['nobody', 'SELECT msisdn, plan, balance FROM subscriber WHERE false', qr/gives nobody/],
	['too many', q{SELECT (13000000000 + n)::text AS msisdn, 'x' AS plan, 1 AS balance FROM generate_series(1, 500001) AS n}, qr/more than 500000/],
	['a parameter', 'SELECT msisdn, plan, $1 AS balance FROM subscriber', qr/parameter/]) {
	my ($what, $sql, $re) = @$_;
	my $said = refused('400 bad_value', "a segment is not: $what", POST => 'zhou', "$path/may/segment", {sql => $sql});
	like($said->{message}, $re, '… and it says why');
	is($said->{field}, 'sql', '… and of what');
}
my $bad = q{SELECT msisdn, plan, balance FROM subscriber UNION ALL SELECT '10086', 'x', 1 FROM generate_series(1, 30)};
my $said = refused('400 bad_rows', 'rows that are bad', POST => 'zhou', "$path/may/segment?shown=25", {sql => $bad});
is($said->{detail}{bad}{number}, 30, '… are counted');
is(scalar @{$said->{detail}{rows}}, 25, '… and told, as many as was asked for');
my $all = $hall->sql('SELECT count(*) FROM segment.subscriber');
$said = says($api->post(zhou => "$path/may/segment?bad=keep", {sql => $bad}), '200 ', 'the good ones are kept, if one wants');
is("$said->{added} $said->{lines} $said->{recipients}", join(' ', $all, $all + 30, $all), '… and counted');
is($hall->sql(q{SELECT string_agg(concat_ws('|', msisdn, lang, data[1], data[2]), ' ' ORDER BY msisdn) FROM hall.blast_recipient}),
	$hall->sql(q{SELECT string_agg(concat_ws('|', msisdn, plan, balance), ' ' ORDER BY msisdn) FROM segment.subscriber}), 'each value is in its column');
like(join(' ', map { $_->{action} . ($_->{detail}{sql} // '') } @{$api->get(eve => "$path/may/log")->{json}{log}}), qr/segmentSELECT msisdn/, 'the query is in the log');
says($api->post(zhou => "$path/may/recipients/clear"), '200 ', 'the list is emptied');
says($api->post(zhou => "$path/may/segment", {sql => "$query\n-- a comment"}), '400 bad_value', 'what follows a semicolon is not looked for');
says($api->post(zhou => "$path/may/segment", {sql => $query =~ s/;$/ -- all/r}), '200 ', 'a query with its language, and a comment');
refused('400 bad_rows', 'the list is not added to twice', POST => 'zhou', "$path/may/segment", {sql => $query});
refused('400 bad_rows', 'nor replaced by a bad one', POST => 'zhou', "$path/may/segment?list=replace", {sql => $bad});
refused('400 bad_value', 'nor by nobody', POST => 'zhou', "$path/may/segment?list=replace", {sql => "SELECT msisdn, plan, balance FROM subscriber WHERE false"});
refused('400 wrong_value', 'nor by a word', POST => 'zhou', "$path/may/segment?list=renew", {sql => $query});
$said = says(csv(zhou => 'may', "msisdn,balance,plan\n13800138000,1,x\n", '?list=replace'), '200 ', 'but by a good one');
is("$said->{removed} $said->{added} $said->{recipients}", "$all 1 1", '… which is all there is now');
is($hall->sql(q{SELECT string_agg(concat_ws('|', n, msisdn, data[1]), ' ') FROM hall.blast_recipient}), '1|13800138000|x', '… in the list too');
$said = says($api->post(zhou => "$path/may/segment?list=replace", {sql => $query}), '200 ', 'and by a query');
is("$said->{removed} $said->{recipients}", "1 $all", '… with all whom it gives');

# ---- the preview

my $door = $api->get(eve => "$path/may/preview")->{json}{rate};
my $p = says($api->get(eve => "$path/may/preview?price=0.055&sample=200&rate=10"), '200 ', 'a preview');
my $c = ctl('preview', 'may', '--json', '--price', '0.055', '--sample', '200', '--rate', '10');
is_deeply([map { $_->{text} } @{$p->{sample}}], [map { $_->{text} } @{$c->{messages}}], 'the messages are those of smsctl');
is_deeply([@$p{qw(go control counted counted_all segments_all segments_exact cost)}],
	[@$c{qw(go control counted counted_all segments_all segments_exact cost)}], '… and segments and cost');
is_deeply($p->{segments}, $c->{segments}, '… and how they are distributed');
my %segments;
$segments{$_->{segments}}++ for @{$p->{sample}};
is_deeply($p->{segments}, \%segments, '… which is what the messages say');
ok($segments{2}, 'a long one takes two');
cmp_ok(abs($p->{cost} - 0.055 * $p->{segments_all}), '<', 1e-9, 'the cost is that of all');
is(scalar @{$api->get(eve => "$path/may/preview?sample=0")->{json}{sample}}, 0, 'no messages, if one wants none');
ok(!exists $api->get(eve => "$path/may/preview")->{json}{cost}, 'without a price no cost');
ok($door, 'the rate is what smsd is set to, unless said');
refused('400 wrong_value', "?$_", GET => 'eve', "$path/may/preview?$_") for qw(price=much price=-1 price=1. price=.5 price=1e3 sample=201 sample=all);
says($api->post(zhou => $path, {%new, name => 'many', columns => ['plan'], texts => {zh => '{{plan}}', en => '{{plan}}'}}), '201 ', 'a larger one');
says(csv(zhou => 'many', "msisdn,plan\n" . join '', map { sprintf "139%08d,p%d\n", $_, $_ } 1 .. 3000), '200 ', 'of 3000');
$p = says($api->get(eve => "$path/many/preview"), '200 ', 'previewed');
is("$p->{counted} $p->{segments_all} $p->{segments_exact} " . @{$p->{sample}}, '200 3000 0 10', 'its segments are worked out from some');
ok(!$p->{counted_all}, '… and it says so');

# ---- texts and their values

my $missing = refused('400 bad_text', 'a text that is no template any more, with people on the list', PATCH => 'zhou', "$path/many",
	{texts => {zh => '{{plam}}', en => 'x'}});
is($missing->{field}, 'texts.A.zh', '… is named');
says($api->ask(PATCH => 'zhou', "$path/many", {texts => {zh => '{{plan|or:x}}', en => '{{plan|or:x}}'}}), '200 ', 'a text that needs no value');
says(csv(zhou => 'many', "msisdn,plan\n13800138000,\n"), '200 ', '… takes a row without');
says($api->ask(PATCH => 'zhou', "$path/many", {texts => {zh => '{{plan}}', en => 'x'}}), '200 ', 'then the text needs it');
$said = refused('409 empty_values', 'so it is not submitted', POST => 'zhou', "$path/many/submit");
like($said->{message}, qr/^plan is empty for 1 of/, '… and it says how many lack it');
$said = refused('400 bad_rows', 'nor taken now', POST => 'zhou', "$path/many/recipients", {recipients => [{msisdn => '13800138001', plan => ''}]});
is_deeply($said->{detail}{bad}, {'empty value' => 1}, '… for that reason, as JSON');
$said = says(csv(zhou => 'many', "msisdn,plan\n" . join('', map { "1380013800$_,\n" } 1 .. 9), '?shown=3'), '400 bad_rows', '… and as CSV');
is(join(' ', map { $_->{line} } @{$said->{error}{detail}{rows}}), '2 3 4', '… told by line, as many as was asked for');

# ---- a test

refused('403 wrong_role', "a test is not for $_", POST => $_, "$path/may/test", {numbers => ['13500000001']}) for qw(eve app);
refused('400 no_test', 'nobody is on the list `test`', POST => 'zhou', "$path/may/test");
is(refused('400 wrong_value', 'no number', POST => 'zhou', "$path/may/test", {numbers => ['13500000001', '10086']})->{field}, 'numbers[1]', '… is named');
refused('400 wrong_value', 'no list', POST => 'zhou', "$path/may/test", {numbers => '13500000001'});
refused('400 no_test', 'more than 20 messages', POST => 'zhou', "$path/may/test", {numbers => [map { 13500000000 + $_ . '' } 1 .. 11]});
refused('404 no_such_blast', 'of no blast', POST => 'zhou', "$path/june/test", {numbers => ['13500000001']});
my $line = $hall->new_line;
$line->send('LISTEN 13500000001');
$line->expect(qr/^OK/, 5) or die "no OK\n";
$said = says($api->post(zhou => "$path/may/test", {numbers => ['13500000001', '+86 135 0000 0001']}), '200 ', 'a test, each number once');
is(scalar @{$said->{messages}}, 2, 'a message of each variant');
is($said->{messages}[0]{msisdn}, '135****0001', '… masked');
my @got = map { $line->parse_mt($line->expect(qr/^MT 13500000001 /, 60) // '') // {} } 1 .. 2;
is_deeply([sort map { $_->{text} // '-' } @got], [sort map { $_->{text} } @{$said->{messages}}], 'it comes to the handset as it was told');
my $tests = $hall->wait_until(60, sub {
	my $t = $api->get(eve => "$path/may/tests")->{json}{tests};
	return @$t == 1 && !grep({ $_->{state} eq 'held' } @{$t->[0]{messages}}) ? $t : undef;
});
ok($tests, 'and what became of it is told') or diag($api->get(eve => "$path/may/tests")->{content});
is(join(' ', map { $_->{msisdn} } @{$tests->[0]{messages}}), '135****0001 135****0001', '… masked') if $tests;
is($tests->[0]{cause}, $said->{cause}, '… under its cause') if $tests;
$hall->sql(q{INSERT INTO hall.number_list (msisdn, list) VALUES ('13500000001', 'test')});
says($api->post(wu => "$path/may/test", {}), '200 ', 'an approver tests it with the list `test`');
is($hall->sql(q{SELECT count(*) FROM hall.request WHERE detail::text LIKE '%1350000%' OR target LIKE '%1350000%'}), 0, 'no number is in the log of requests');
refused('404 no_such_blast', 'no tests of no blast', GET => 'eve', "$path/june/tests");

# ---- begun later

says($api->ask(PATCH => 'zhou', "$path/may", {variants => {A => 30, B => 70}, control => 10, spread => '3 days'}), '200 ',
	'variants with shares, a control group, a spread');
$said = $api->get(eve => "$path/may")->{json};
is_deeply([@$said{qw(variants control spread)}], [{A => 30, B => 70}, 10, ctl('show', 'may', '--json')->{spread}], '… as smsctl shows them');
refused('400 bad_value', 'a share for each variant', PATCH => 'zhou', "$path/may", {variants => {A => 50}});
refused('400 bad_value', 'no spread', PATCH => 'zhou', "$path/may", {spread => 'slowly'});
my $hash = says($api->post(zhou => "$path/may/submit"), '200 ', 'submitted')->{hash};
says($api->post(wu => "$path/may/approve", {hash => $hash}), '200 ', 'approved');
refused('400 missing_field', 'a schedule wants a time', POST => 'zhou', "$path/may/schedule", {});
refused('403 wrong_role', 'and somebody who may', POST => 'eve', "$path/may/schedule", {at => '2036-11-23T09:00:00+08:00'});
$said = says($api->post(zhou => "$path/may/schedule", {at => '2036-11-23T09:00:00+08:00'}), '200 ', 'scheduled');
is($said->{state}, 'approved', '… it waits');
is($api->get(eve => "$path/may/status")->{json}{scheduled}, JSON::PP::true, '… for its time');

# ---- whole numbers

refused('403 wrong_role', "whole numbers are not for $_", GET => $_, "$path/may/export/whole") for qw(zhou eve app);
$said = says($api->get(wu => "$path/may/export/whole?most=1"), '200 ', 'but for an approver');
like($said->{recipients}[0]{msisdn}, qr/^1\d{10}$/, '… they are whole');
is($said->{next}, 2, '… in parts');
is($hall->sql(q{SELECT concat_ws(' ', who, outcome, detail->>'count') FROM hall.request WHERE action = 'GET /api/v1/blasts/{blast}/export/whole'}),
	'wu ok 1', 'each such look is written down');
is($hall->sql(q{SELECT count(*) FROM hall.blast_log WHERE action = 'export' AND (detail->>'whole')::boolean AND who = 'wu'}), 1, '… with the blast too');
says($api->get(wu => "$path/june/export/whole"), '404 unknown', 'nothing of no blast');
done_testing;
