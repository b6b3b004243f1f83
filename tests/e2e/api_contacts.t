#!/usr/bin/perl
# Other channels report by HTTP who used them: one by one and in bulk, the bad ones named, the good ones kept or all refused.
use strict;
use warnings;
use utf8;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Api;
use Hall;
use JSON::PP ();
use Test::More;

my $hall = Hall->new;
ok($hall->ready, 'the hall is ready');
my $api = Api->new($hall);
$api->user('app', 'channel');
my $path = '/api/v1/contacts';
my %one = (msisdn => '+86 13800138000', channel => 'app', business => 'bill', key => 'a1');
sub kept { return $hall->sql(q{SELECT count(*) FROM hall.contact WHERE channel <> 'sms'}) }

my $r = $api->post(app => $path, \%one);
is("$r->{status} $r->{json}{contacts}[0]{outcome}", '200 ok', 'a use of another channel is reported');
is($hall->sql(q{SELECT msisdn || ' ' || channel || ' ' || business FROM hall.contact WHERE channel = 'app'}), '13800138000 app bill', '… and kept');
$r = $api->post(app => $path, \%one);
is("$r->{status} $r->{json}{contacts}[0]{outcome}", '200 known', '… once');
my @many = map { +{msisdn => '13800138001', channel => 'web', key => "m$_", at => '2026-11-20T08:00:00+08:00'} } 0 .. 99;
$many[3]{channel} = 'sms';
$many[4]{at} = '1999-01-01T00:00:00Z';
$many[5]{msisdn} = '5';
$many[6]{key} = 'm0';
$many[7]{at} = 'yesterday';
$r = $api->post(app => $path, {contacts => \@many, atomic => JSON::PP::true});
is($r->{status}, 400, 'all or nothing');
is(kept(), 1, '… is nothing');
my @worse = grep { $_->{msisdn} ne '5' && $_->{at} ne 'yesterday' } @many;
$r = $api->post(app => $path, {contacts => \@worse, atomic => JSON::PP::true});
is("$r->{status} $r->{code}", '400 refused', '… also where the database sees it');
is(kept(), 1, '… is nothing');
$r = $api->post(app => $path, {contacts => \@many});
is("$r->{status} $r->{json}{ok} $r->{json}{known} $r->{json}{errors}", '200 95 1 4', 'in bulk the good ones are kept');
is(join(' ', map { $r->{json}{contacts}[$_]{error} ? $r->{json}{contacts}[$_]{error}{field} : $r->{json}{contacts}[$_]{outcome} } 2 .. 8),
	'ok contacts[3].channel contacts[4].at contacts[5].msisdn known contacts[7].at ok', '… each is answered in its place');
is(kept(), 96, '… and no other');
is(scalar(() = $hall->sql(q{SELECT 1 FROM hall.request WHERE action = 'POST /api/v1/contacts'})), 3, 'what was done is written down');
done_testing;
