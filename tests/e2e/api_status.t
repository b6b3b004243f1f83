#!/usr/bin/perl
# Each status that the API can answer, with its reason, and that a refusal changes nothing: tokens, roles, methods, types,
# sizes, bodies that are broken at every octet; what the API says of itself is what it does.
use strict;
use warnings;
use utf8;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Api;
use Hall;
use Test::More;
use Time::HiRes qw(sleep time);

my $hall = Hall->new;
ok($hall->ready, 'the hall is ready');
is($hall->metrics->{smsd_db_up}, 5, 'an API that nobody asks has no connection');
my $api = Api->new($hall);
my $token = $api->user('counter', 'channel');
$api->user('zhou', 'author,viewer');
$api->user('boss', 'admin');
like($token, qr/^hall_[A-Za-z0-9_-]{43}$/, 'a token is made of 32 octets');
is($hall->sql(qq{SELECT count(*) FROM hall.token WHERE to_jsonb(token)::text LIKE '%$token%'}), 0, '… and kept nowhere');
my $path = '/api/v1/triggers';
my %good = (name => 'test_event', key => 'k1', msisdn => '13800138000');
sub count { return $hall->sql(q{SELECT count(*) FROM hall.trigger WHERE name = 'test_event'}) }

sub says {
	my ($r, $status, $code, $what) = @_;
	is("$r->{status} $r->{code}", "$status $code", $what) or diag($r->{content});
	like($r->{headers}{'x-request-id'}, qr/^[0-9a-f-]{36}$/, '… with a request id');
	if ($status >= 400) {
		like($r->{json}{error}{message}, qr/\w/, '… and a sentence');
		ok($hall->wait_until(5, sub { $hall->log('smsd') =~ /request=$r->{headers}{'x-request-id'} .*status=$status code=$code/ }), '… that the log has too');
	}
	return $r;
}

# Who.
my $r = says($api->post(undef, $path, \%good), 401, 'no_token', 'no token');
like($r->{headers}{'www-authenticate'}, qr/^Bearer/, '… and how to show one');
says($api->post(undef, $path, \%good, Authorization => 'Basic YTpi'), 401, 'no_token', 'a password is no token');
says($api->post('hall_nobody', $path, \%good), 401, 'unknown_token', 'an unknown token');
says($api->post('zhou', $path, \%good), 403, 'wrong_role', 'a token of another role');
$hall->sql(q{UPDATE hall.token SET expires_at = now() WHERE owner = 'zhou'});
says($api->post('zhou', $path, \%good), 401, 'expired_token', 'an expired token');
is(($hall->smsctl('user', 'revoke', 'zhou'))[0], 0, 'it is revoked');
says($api->post('zhou', $path, \%good), 401, 'revoked_token', 'a revoked token');
my ($status, $rotated) = $hall->smsctl('user', 'rotate', 'boss');
my ($new) = $rotated =~ /token\s+(hall_\S+)/;
says($api->post('boss', $path, \%good), 401, 'revoked_token', 'one that another came for');
is($api->get($new, "$path/no/no")->{status}, 404, '… which counts');
ok($hall->log('smsd') !~ /\Q$token\E|hall_nobody|\Q$new\E/, 'no token is in the log');
is(count(), 0, 'nothing was changed');

# What.
says($api->get('counter', '/api/v1/nothing'), 404, 'no_such_path', 'no such path');
says($api->get('counter', "$path/no/such"), 404, 'unknown', 'no such trigger');
says($api->get('counter', "$path/%ff/such"), 400, 'malformed_path', 'a path that is no UTF-8');
says($api->get('counter', "$path/no/such?x=1"), 400, 'unknown_field', 'a query that nobody knows');
says($api->get('counter', "$path/no/such?x=%zz"), 400, 'malformed_query', 'a query that is malformed');
$r = says($api->ask('DELETE', 'counter', $path), 405, 'wrong_method', 'no such method');
is($r->{headers}{allow}, 'POST, OPTIONS', '… and those that there are');
$r = $api->ask('OPTIONS', undef, "$path/a/b");
is("$r->{status} $r->{headers}{allow}", '204 GET, HEAD, OPTIONS', 'OPTIONS says what there is');
$r = $api->ask('HEAD', 'counter', "$path/no/such");
is("$r->{status} " . length($r->{content} // ''), '404 0', 'HEAD is GET without a body');
says($api->post('counter', $path, \%good, 'Content-Type' => 'text/plain'), 415, 'wrong_type', 'another type');
says($api->post('counter', $path, \%good, 'Content-Type' => 'application/json; charset=gbk'), 415, 'wrong_type', 'another charset');
says($api->post('counter', $path, \%good, 'Content-Type' => 'text/csv'), 415, 'wrong_type', 'a type of another path');
says($api->post('counter', $path, \('x' x 3_000_000)), 413, 'too_large', 'too large');
says($api->post('counter', $path, \'{"name": '), 400, 'not_json', 'no JSON');
says($api->post('counter', $path, \"{\"name\": \"\xff\"}"), 400, 'not_utf8', 'no UTF-8');
says($api->post('counter', $path, \'[1]'), 400, 'not_an_object', 'no object');
$r = says($api->post('counter', $path, {%good, msisdn => '10086'}), 400, 'wrong_value', 'a number that is none');
is($r->{json}{error}{field}, 'msisdn', '… in which field');
$r = says($api->post('counter', $path, {%good, mssidn => '13800138000'}), 400, 'unknown_field', 'a field that is none');
like($r->{json}{error}{remedy}, qr/did you mean "msisdn"/, '… and which was meant');
says($api->post('counter', $path, {name => 'x'}), 400, 'missing_field', 'a field is missing');

# What Perl's client would not send.
sub raw {
	my ($request, $body) = @_;
	my $s = $api->raw;
	print $s $request =~ s/\n/\r\n/gr, $body // '';
	local $/;
	local $SIG{ALRM} = sub { die "no answer\n" };
	alarm 30;
	my $answer = <$s>;
	alarm 0;
	return $answer // '';
}
my $head = "Host: x\nAuthorization: Bearer $token\nContent-Type: application/json\nConnection: close\n";
like(raw("POST $path HTTP/1.1\n$head\n"), qr/^HTTP\/1.1 411 .*no_length/s, 'a body without its length');
like(raw("POST $path HTTP/1.1\n${head}Content-Length: 99999999999\n\n"), qr/^HTTP\/1.1 413 .*too_large/s, 'far too large is told at once');
like(raw("POST $path HTTP/1.1\n${head}Content-Length: 2999999\nExpect: 100-continue\n\n"), qr/^HTTP\/1.1 413 /, '… before it is sent, to who asks');
like(raw("POST $path HTTP/1.1\n${head}Transfer-Encoding: chunked\n\n", sprintf("%x\r\n%s\r\n", 1_500_000, 'x' x 1_500_000) x 2 . "0\r\n\r\n"),
	qr/^HTTP\/1.1 413 .*too_large/s, 'chunks that are too large together');
like(raw("POST $path HTTP/1.1\n${head}Transfer-Encoding: chunked\n\n", "2\r\n{}\r\n0\r\n\r\n"), qr/^HTTP\/1.1 400 .*missing_field/s, 'chunks are understood');
is(count(), 0, 'still nothing was changed');

# Broken at every octet.
my $whole = $api->as_json({%good, key => 'fuzz', data => {a => [1, 'ü中', undef]}});
my %seen;
for my $at (0 .. length($whole) - 1) {
	$seen{$api->post('counter', $path, \substr($whole, 0, $at))->{status}}++;
	my $broken = $whole;
	substr($broken, $at, 1) = "\xff";
	$seen{$api->post('counter', $path, \$broken)->{status}}++;
}
is(join(' ', sort keys %seen), '400', 'whatever octet is broken or missing, it is malformed') or diag(explain(\%seen));
is(count(), 0, "… and changes nothing");
is($api->post('counter', $path, \$whole)->{status}, 200, 'whole, it is good');

# Too many wrong tokens.
my %many;
$many{$api->post("hall_guess$_", $path, \%good)->{status}}++ for 1 .. 30;
is(join(' ', sort keys %many), '401 429', 'who guesses is told to wait');
$r = $api->post('hall_another', $path, \%good);
is("$r->{status} $r->{code}", '429 too_many_failures', '… from now on');
cmp_ok($r->{headers}{'retry-after'}, '>', 0, '… and how long');
is($api->post('counter', $path, \%good)->{status}, 200, 'who was right lately is let through from the same address');

# It describes itself.
$r = $api->get(undef, '/api/v1');
is($r->{json}{openapi}, '3.0.3', 'the API describes itself');
for my $p (sort keys %{$r->{json}{paths}}) {
	(my $real = $p) =~ s/\{\w+\}/x/g;
	for my $method (qw(get post patch put delete)) {
		my $said = $api->ask(uc $method, undef, $real, $method eq 'get' ? undef : {});
		my $expected = !$r->{json}{paths}{$p}{$method} ? 405 : $r->{json}{paths}{$p}{$method}{security} ? 401 : 200;
		is($said->{status}, $expected, "$method $p is as it is described");
	}
}

# What was done is written down.
my @log = $hall->sql(q{SELECT who, action, outcome, detail->>'ok' FROM hall.request ORDER BY at});
is_deeply(\@log, [('counter|POST /api/v1/triggers|ok|1') x 2], 'each change, with who did it') or diag(explain(\@log));
my ($rc, $out) = $hall->smsctl('user', 'list', '--all');
like($out, qr/counter\s+channel\s+valid.*zhou\s+author,viewer\s+revoked/s, 'tokens are listed');

# smsctl user refuses what makes no sense, and says why.
for my $case ([2, qr/Usage/, 'add', 'x'], [1, qr/king.*no role/, 'add', 'x', '--role', 'king'], [1, qr/--days/, 'add', 'x', '--role', 'viewer', '--days', '0'],
	[1, qr/rotate counter/, 'add', 'counter', '--role', 'admin'], [1, qr/nobody/, 'rotate', 'nobody'], [1, qr/already/, 'revoke', 'zhou'],
	[2, qr/Usage/, 'list', 'x'], [1, qr/SQLSTATE|owner/, 'add', 'a b', '--role', 'viewer']) {
	my ($expected, $says, @arg) = @$case;
	my ($status, $out, $err) = $hall->smsctl('user', @arg);
	is($status, $expected, "smsctl user @arg: $expected");
	like($err, $says, '… and why');
}
$api->user('short', 'viewer', '--days', 3);
like(($hall->smsctl('doctor'))[1], qr/within 14 days the token ends of short/, 'doctor tells whose token ends soon');

# What was done is forgotten in time.
$hall->sql(q{INSERT INTO hall.request (id, at, token, who, action, outcome) VALUES (gen_random_uuid(), now() - interval '20 years', 1, 'x', 'y', 'ok')});
$hall->stop('smsd');
$hall->start('smsd');
ok($hall->wait_until(30, sub { $api->get('counter', "$path/no/such"); !$hall->sql(q{SELECT count(*) FROM hall.request WHERE who = 'x'}) }),
	'what was done long ago is forgotten');
ok($hall->sql(q{SELECT count(*) FROM hall.request}) > 0, '… and nothing else');

# Switched off.
$hall->stop('smsd');
$hall->{env}{SMSD_API} = 'off';
$hall->start('smsd');
ok($hall->ready, 'smsd runs without its API');
says($api->get('counter', "$path/a/b"), 404, 'api_off', 'then there is none');
done_testing;
