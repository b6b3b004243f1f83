#!/usr/bin/perl
# Every commercial message says how to be sent no more, in its language, whoever wrote the text; its segments count that line.
use strict;
use warnings;
use utf8;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Hall;
use Test::More;

my $hall = Hall->new;
ok($hall->ready, 'the hall is ready');
$hall->sql(q{UPDATE hall.message_class SET opens = '00:00', closes = '00:00'});
my $long = '春' x 66;	# with the line 72 characters, two more than one SMS holds
$hall->apply('offers.yaml' => <<"EOT");
table: offers
about: Offers
scope: group
reminders:
  short:
    about: An offer
    on: offer_short
    sql: "SELECT msisdn, lang, business, channel, link FROM hall_api.steer(:trigger_id)"
    class: commercial
    text: {zh: "{{business}}有优惠", en: "An offer: {{business}}."}
  long:
    about: A long one
    on: offer_long
    sql: "SELECT msisdn, lang, business, channel, link FROM hall_api.steer(:trigger_id)"
    class: commercial
    text: {zh: "$long", en: "x"}
  said:
    about: One that says it itself
    on: offer_said
    sql: "SELECT msisdn, lang, business, channel, link FROM hall_api.steer(:trigger_id)"
    class: commercial
    text: {zh: "优惠,回TD退订,谢谢", en: "x"}
EOT

my ($zh, $en) = ('13800138000', '13800138009');
$hall->sql("INSERT INTO hall.consent (msisdn, class, state, at) VALUES ('$zh', 'commercial', 'in', now()), ('$en', 'commercial', 'in', now())
	ON CONFLICT (msisdn, class) DO UPDATE SET state = 'in', at = now()");
my $line = $hall->new_line;
$line->send("LISTEN $_") for $zh, $en;
$line->expect(qr/^OK/, 5) for 1, 2;

my $n = 0;
sub offer {
	my ($name, $who) = @_;
	$n++;
	$hall->sql(qq{SELECT hall_api.trigger('offer_$name', 'o$n', '$who', '{"business": "bill"}')});
	my $mt = $line->expect(qr/^MT /, 20) // return { text => '', segments => 0 };
	return $line->parse_mt($mt);
}
is(offer(short => $zh)->{text}, '查账单有优惠回TD退订', 'Chinese');
is(offer(short => $en)->{text}, 'An offer: see your bill. TD to stop', 'English, after a space');
is(offer(said => $zh)->{text}, '优惠,回TD退订,谢谢', 'not twice');
my $two = offer(long => $zh);
is($two->{text}, "${long}回TD退订", 'a long one is not cut');
is($two->{segments}, 2, '… but has a segment more');
is($hall->sql("SELECT segments FROM hall.mt WHERE text LIKE '${long}%'"), 2, '… which its row says');
is($hall->sql(q{SELECT count(*) FROM hall.mt WHERE class = 'commercial' AND (why = 'no_opt_out' OR text !~ 'TD')}), 0, 'none lacks it');

# The line is a rule like the others, and takes effect at once.
$hall->sql(q{UPDATE hall.message_class SET opt_out_zh = '退订回复T', cap = 9 WHERE class = 'commercial'});
is(offer(short => $zh)->{text}, '查账单有优惠退订回复T', 'another line');
done_testing;
