#!/usr/bin/perl
# A blast by HTTP from its first line to its report: written by one, approved by another, sent to handsets; lists as CSV and as
# JSON with bad rows in them; what is refused changes nothing.
use strict;
use warnings;
use utf8;
use Encode qw(encode);
use FindBin;
use lib "$FindBin::Bin/../lib";
use Api;
use Hall;
use POSIX ();
use Test::More;
use Time::HiRes qw(sleep time);

my $hall = Hall->new;
ok($hall->ready, 'the hall is ready');
$hall->sql(q{UPDATE hall.message_class SET opens = '00:00', closes = '00:00'});
my $api = Api->new($hall);
$api->user('zhou', 'author');
$api->user('wu', 'approver');
$api->user('both', 'author,approver');
$api->user('eve', 'viewer');
$api->user('app', 'channel');
my $path = '/api/v1/blasts';
my %new = (name => 'spring', class => 'service', columns => ['name', 'gift'],
	texts => {zh => '{{name}}您好，送您{{gift}}', en => 'Dear {{name}}, a gift: {{gift}}'}, note => 'a test');

sub says {
	my ($r, $expected, $what) = @_;
	is("$r->{status} $r->{code}", $expected, $what) or diag($r->{content});
	return $r;
}
sub csv { my ($who, $text, $query, %o) = @_; return $api->post($who, "$path/spring/recipients" . ($query // ''), \encode('UTF-8', $text), 'Content-Type' => 'text/csv; charset=utf-8', %o) }
sub on_list { return $hall->sql(q{SELECT count(*) FROM hall.blast_recipient}) }

# Written.
says($api->post($_, $path, \%new), '403 wrong_role', "a blast is not for $_ to write") for qw(wu eve app);
my $r = says($api->post(zhou => $path, \%new), '201 ', 'an author begins a blast');
is($r->{json}{name}, 'spring', '… which has its name');
says($api->post(zhou => $path, \%new), '409 name_taken', 'a name is taken once');
says($api->post(zhou => $path, {%new, name => '1x'}), '400 bad_value', 'what is no name is refused');
$r = says($api->post(zhou => $path, {%new, name => 'x', clas => 'service'}), '400 unknown_field', 'what is no field is refused');
like($r->{json}{error}{remedy}, qr/"class"/, '… with what was meant');
says($api->ask('PATCH', zhou => "$path/spring", {texts => {zh => '{{name}}您好，送您{{gif}}', en => 'x'}}), '200 ', 'a blast is changed');
says($api->post(zhou => "$path/spring/submit"), '400 bad_text', 'a text with a hole that is no column is not submitted')
	->{json}{error}{field} eq 'texts.A.zh' or fail('which text');
says($api->ask('PATCH', zhou => "$path/spring", {texts => $new{texts}}), '200 ', 'it is mended');
says($api->post(zhou => "$path/spring/submit"), '400 incomplete', 'nobody is on its list');
says($api->get(zhou => "$path/winter"), '404 no_such_blast', 'there is no other blast');

# Its list.
my $list = "msisdn,gift,name,lang\n13800138000,100MB,张三,zh\n13800138009,1GB,\"Li, Si\",en\n";
says(csv(eve => $list), '403 wrong_role', 'a viewer changes no list');
$r = says(csv(zhou => "$list\n10086,a,b,\n13800138000,a,b,\n13800138001,a\n"), '400 bad_rows', 'a list with bad rows is refused');
is_deeply($r->{json}{error}{detail}{bad}, {'bad number' => 1, duplicate => 1, 'wrong column count' => 1}, '… with their reasons');
is(join(' ', map { $_->{line} } @{$r->{json}{error}{detail}{rows}}), '5 6 7', '… and lines');
is(on_list(), 0, '… and nobody is on the list');
says(csv(zhou => "msisdn,name\n13800138000,x\n"), '400 wrong_columns', 'a column is missing');
says(csv(zhou => "msisdn,name,gift,age\n13800138000,x,y,z\n"), '400 wrong_columns', 'a column is too much');
says(csv(zhou => "name,gift\nx,y\n"), '400 not_csv', 'no numbers');
says(csv(zhou => ''), '400 not_csv', 'nothing at all');
says(csv(zhou => $list, '?bad=maybe'), '400 wrong_value', 'keep or refuse');
says(csv(zhou => $list, '', 'Content-Type' => 'text/plain'), '415 wrong_type', 'another type');
says(csv(zhou => 'x' x (17 << 20)), '413 too_large', 'more than 16 MB');
says($api->post(zhou => "$path/spring/recipients", {recipients => [{msisdn => '13800138000', name => 'x', gift => 5}]}), '400 wrong_columns',
	'values are texts');
is(on_list(), 0, 'nobody is on the list');
$r = says(csv(zhou => "${list}10086,a,b,\n", '?bad=keep'), '200 ', 'the good rows are kept, if one wants');
is("$r->{json}{added} $r->{json}{lines} $r->{json}{bad}{'bad number'} $r->{json}{rows}[0]{line}", '2 3 1 4', '… and the bad ones told');
$r = says($api->post(zhou => "$path/spring/recipients", {recipients => [{msisdn => '+86 13800138001', name => 'Wang', gift => '2GB'}]}),
	'200 ', 'JSON adds to it');
is($r->{json}{recipients}, 3, '… the third');
$r = says($api->post(zhou => "$path/spring/recipients", {recipients => [{msisdn => '13800138001', name => 'a', gift => 'b'}]}), '400 bad_rows', 'nobody twice');
is($hall->sql(q{SELECT string_agg(msisdn || ' ' || array_to_string(data, '/'), ', ' ORDER BY n) FROM hall.blast_recipient}),
	'13800138000 张三/100MB, 13800138009 Li, Si/1GB, 13800138001 Wang/2GB', 'each value is in its column');
is($hall->sql('SELECT count(*) FROM hall.blast_load'), 0, 'nothing is left on the way');

# What it would do.
$r = says($api->get(eve => "$path/spring/preview"), '200 ', 'a preview');
is($r->{json}{go}, 3, '… who would get it');
my ($sample) = grep { $_->{n} == 1 } @{$r->{json}{sample}};
is("$sample->{msisdn} $sample->{text} $sample->{segments}", '138****8000 张三您好，送您100MB 1', '… and what he would read');
is($hall->sql(q{SELECT count(*) FROM hall.mt WHERE cause = 'blast'}), 0, '… and nothing is sent');
is($api->get(eve => "$path/spring/preview?now=2026-11-23T03:00:00%2B08:00&rate=5")->{status}, 200, 'at another time');
says($api->get(eve => "$path/spring/preview?rate=many"), '400 wrong_value', 'a rate is a number');

# Approved by somebody else.
$r = says($api->post(zhou => "$path/spring/submit"), '200 ', 'the author submits it');
my $hash = $r->{json}{hash};
says($api->post(zhou => "$path/spring/approve", {hash => $hash}), '403 wrong_role', 'an author cannot approve');
says($api->post(wu => "$path/spring/approve", {hash => 'something else'}), '409 changed', 'nor anybody something else');
says($api->post(wu => "$path/spring/approve", {}), '400 missing_field', 'nor without saying what');
says($api->post(both => "$path/spring/start"), '409 wrong_state', 'it does not start before');
says($api->post(wu => "$path/spring/approve", {hash => $hash}), '200 ', 'another approves it');
says($api->ask('PATCH', both => "$path/spring", {note => 'a change'}), '200 ', 'a change …');
says($api->post(both => "$path/spring/start"), '409 wrong_state', '… needs a new approval');
$hash = $api->post(both => "$path/spring/submit")->{json}{hash};
says($api->post(both => "$path/spring/approve", {hash => $hash}), '403 own', 'not by who submitted it, whatever his roles');
says($api->post(wu => "$path/spring/approve", {hash => $hash}), '200 ', 'but by the other');

# Sent.
my $ear = $hall->ear('13800138000');
says($api->post(eve => "$path/spring/start"), '403 wrong_role', 'a viewer starts nothing');
says($api->post(zhou => "$path/spring/rate", {rate => 20}), '200 ', 'a rate');
says($api->post(zhou => "$path/spring/start"), '200 ', 'it starts');
my $mt = $ear->expect(qr/^MT /, 60);
is($mt && $ear->parse_mt($mt)->{text}, '张三您好，送您100MB', 'it arrives');
$r = $hall->wait_until(60, sub { my $s = $api->get(eve => "$path/spring/status"); $s->{json}{state} eq 'done' ? $s : undef });
ok($r, 'it comes to its end');
is("$r->{json}{done} $r->{json}{sent} $r->{json}{left}", '3 3 0', '… and all are told') if $r;
says($api->post(zhou => "$path/spring/pause", {why => 'too late'}), '409 wrong_state', 'what is done cannot be paused');
is(says($api->get(eve => "$path/spring/report"), '200 ', 'a report')->{json}{funnel}{sent}, 3, '… has three');
$r = says($api->get(eve => "$path/spring/export?most=2"), '200 ', 'an export');
is(join(' ', map { $_->{msisdn} } @{$r->{json}{recipients}}), '138****8000 138****8009', '… masked');
is(scalar @{$api->get(eve => "$path/spring/export?from=$r->{json}{next}")->{json}{recipients}}, 1, '… goes on where it ended');
says($api->get(eve => "$path/winter/export"), '404 unknown', 'nothing of no blast');
is($api->get(eve => "$path?state=done")->{json}{blasts}[0]{name}, 'spring', 'it is on the list');
$r = $api->get(eve => "$path/spring/log");
like(join(' ', map { "$_->{who}:$_->{action}" } @{$r->{json}{log}}), qr/zhou:new .*zhou:submit wu:approve .*both:submit wu:approve .*zhou:begin/, 'who did what is told');
ok(!$hall->sql(q{SELECT count(*) FROM hall.request WHERE detail::text LIKE '%138%'}), 'numbers are not in the log of requests');
is($hall->sql(q{SELECT count(*) FROM hall.request WHERE outcome = 'own' AND who = 'both' AND target = 'spring'}), 1, 'what was refused is written down too');

# A large list, while customers are answered.
$api->post(zhou => $path, {%new, name => 'large', columns => []});
$api->ask('PATCH', zhou => "$path/large", {texts => {zh => '您好', en => 'hello'}});
my $large = "msisdn\n" . join '', map { sprintf "139%08d\n", $_ } 1 .. 300_000;
my $pid = fork // die "fork: $!\n";
if (!$pid) {
	my $r = $api->post(zhou => "$path/large/recipients", \$large, 'Content-Type' => 'text/csv');
	POSIX::_exit($r->{status} == 200 && $r->{json}{added} == 300_000 ? 0 : 1);
}
my $slowest = 0;
for (1 .. 8) {
	my $begun = time;
	like($hall->answer('13800138000', 'YE', timeout => 60, settle => 0.1), qr/86\.50/, 'a customer is answered while a large list comes');
	$slowest = time - $begun if time - $begun > $slowest;
}
waitpid $pid, 0;
is($?, 0, 'a large list is taken whole');
diag(sprintf 'the slowest answer meanwhile took %.2f s', $slowest);
is($hall->sql(q{SELECT count(*) FROM hall.blast_recipient r JOIN hall.blast b ON b.id = r.blast WHERE b.name = 'large'}), 300_000, '… and on the list');

# smsd ends in the middle of one: whoever sent it hears so, or nothing, and nobody of it is on the list.
says($api->post(zhou => "$path/large/recipients/clear"), '200 ', 'the list is emptied');
$pid = fork // die "fork: $!\n";
if (!$pid) {
	my $r = $api->post(zhou => "$path/large/recipients", \$large, 'Content-Type' => 'text/csv');
	POSIX::_exit($r->{status} == 503 || $r->{status} == 599 ? 0 : 1);
}
ok($hall->wait_until(60, sub { $hall->sql('SELECT count(*) FROM hall.blast_load') > 0 }), 'a large list is under way');
$hall->stop('smsd');
waitpid $pid, 0;
is($?, 0, 'smsd ends: the client hears it');
ok($hall->log('smsd') =~ /event=ended/, '… and smsd ends in order');
is($hall->sql(q{SELECT count(*) FROM hall.blast_recipient r JOIN hall.blast b ON b.id = r.blast WHERE b.name = 'large'}), 0, '… with nobody on the list');
$hall->start('smsd');
ok($hall->ready, 'smsd is back');
says($api->post(zhou => "$path/large/recipients/clear"), '200 ', 'a list is emptied');
says($api->post(zhou => "$path/large/cancel", {why => 'not needed'}), '200 ', 'a draft is given up');
done_testing;
