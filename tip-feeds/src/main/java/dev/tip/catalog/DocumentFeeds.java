// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.catalog;

import dev.tip.Confidence;
import dev.tip.CyberObservable.Type;
import dev.tip.Tlp;
import dev.tip.feed.ContentContract;
import dev.tip.feed.Feed;
import dev.tip.feed.FeedInfo;
import dev.tip.feed.FeedInfo.Auth;
import dev.tip.feed.FeedInfo.Coverage;
import dev.tip.feed.FeedInfo.Role;
import dev.tip.feed.FeedProvider;
import dev.tip.feed.FeedSettings;
import dev.tip.feed.HttpFeed;
import dev.tip.feed.Terms;
import dev.tip.format.MispEvents;
import dev.tip.format.MispFeed;
import dev.tip.format.OtxPulses;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The public feeds that are no lists but documents: MISP events, and the pulses of OTX; {@code
 * docs/feeds.md} lists them.
 *
 * <p>Address, minimum interval, time to live and confidence can be overridden. OTX at another
 * address gets no key.
 */
public final class DocumentFeeds implements FeedProvider {
  static final String OTX_KEY = "OTX_API_KEY";

  private static final String OTX = "https://otx.alienvault.com/api/v1/pulses/subscribed?limit=20";
  private static final Duration HALF_A_YEAR = Duration.ofDays(180);

  /** Creates the provider. */
  public DocumentFeeds() {}

  @Override
  public List<Feed> feeds(FeedSettings settings) {
    return List.of(
        misp(
            settings,
            info(
                "circl-osint",
                "CIRCL OSINT",
                "CIRCL",
                "https://www.circl.lu/doc/misp/feed-osint/",
                terms("CC BY 4.0", "https://www.circl.lu/doc/misp/feed-osint/", true, true))),
        misp(
            settings,
            info(
                "botvrij-misp",
                "Botvrij.eu MISP",
                "Botvrij.eu",
                "https://www.botvrij.eu/data/feed-osint/",
                terms(
                    "free to use; no resale, alone or bundled",
                    "https://www.botvrij.eu/",
                    true,
                    false))),
        misp(
            settings,
            info(
                "certfr-misp",
                "CERT-FR MISP",
                "CERT-FR",
                "https://misp.cert.ssi.gouv.fr/feed-misp/",
                terms(
                    "own use; the marking of each event says what may be passed on",
                    "https://www.cert.ssi.gouv.fr/",
                    true,
                    false))),
        misp(
            settings,
            info(
                "csirt-italia-misp",
                "CSIRT Italia MISP",
                "CSIRT Italia",
                "https://www.csirt.gov.it/feed-misp/",
                terms(
                    "own use; the marking of each event says what may be passed on",
                    "https://www.csirt.gov.it/",
                    true,
                    false))),
        misp(
            settings,
            info(
                    "tweetfeed-misp",
                    "TweetFeed MISP",
                    "TweetFeed",
                    "https://tweetfeed.live/misp/",
                    terms("CC0", "https://github.com/0xDanielLopez/TweetFeed", true, true))
                .confidence(Confidence.LOW)
                .timeToLive(Duration.ofDays(30))),
        esetMisp(settings),
        otx(settings));
  }

  private static Terms terms(String summary, String reference, boolean commercial, boolean passOn) {
    return new Terms(summary, URI.create(reference), commercial, passOn, null);
  }

  private static FeedInfo.Builder info(
      String id, String name, String provider, String reference, Terms terms) {
    return FeedInfo.builder(id)
        .name(name)
        .provider(provider)
        .reference(URI.create(reference))
        .description("Indicators of published reports, as MISP events")
        .types(Type.IPV4_ADDR, Type.values())
        .role(Role.MALWARE_DISTRIBUTION)
        .confidence(Confidence.MEDIUM)
        .coverage(Coverage.INCREMENTAL)
        .timeToLive(HALF_A_YEAR)
        .minInterval(Duration.ofHours(6))
        .terms(terms)
        // Of an event, few attributes may be of types that are indicators.
        .contract(ContentContract.builder().mayBeEmpty().maxRejectedShare(1).build());
  }

  private static Feed misp(FeedSettings settings, FeedInfo.Builder row) {
    FeedInfo info = row.build();
    FeedSettings.Override override = settings.override(info.id()).orElse(null);
    URI folder = location(override, info.reference());
    return MispFeed.feed(
        override == null ? info : override.appliedTo(info),
        folder,
        request -> allowPlainHttp(request, folder));
  }

  private static URI location(FeedSettings.@Nullable Override override, URI own) {
    URI other = override == null ? null : override.location();
    return other == null ? own : other;
  }

  /** Only where the host has decided so. */
  private static void allowPlainHttp(HttpFeed.Builder request, URI location) {
    if ("http".equalsIgnoreCase(location.getScheme())) {
      request.plainHttp();
    }
  }

  private static Feed esetMisp(FeedSettings settings) {
    FeedInfo info =
        info(
                "eset-misp",
                "malware-ioc MISP",
                "ESET",
                "https://github.com/eset/malware-ioc",
                new Terms(
                    "BSD 2-clause",
                    URI.create("https://github.com/eset/malware-ioc/blob/master/LICENSE"),
                    true,
                    true,
                    "Copyright (c) ESET, BSD 2-clause licence"))
            .coverage(Coverage.SNAPSHOT)
            .timeToLive(null)
            .confidence(Confidence.HIGH)
            .minInterval(Duration.ofHours(24))
            .build();
    return HttpFeed.builder(info)
        .location("https://codeload.github.com/eset/malware-ioc/zip/refs/heads/master")
        .members(DocumentFeeds::isMispEvent)
        .parser(MispEvents.of())
        .override(settings.override(info.id()).orElse(null))
        .build();
  }

  private static boolean isMispEvent(String member) {
    String name = member.substring(member.lastIndexOf('/') + 1);
    return name.endsWith(".json") && name.contains("misp");
  }

  private static Feed otx(FeedSettings settings) {
    FeedInfo info =
        info(
                "otx-pulses",
                "OTX pulses",
                "LevelBlue",
                "https://otx.alienvault.com/",
                terms(
                    "non-commercial use; redistribution prohibited",
                    "https://otx.alienvault.com/eula",
                    false,
                    false))
            .description("Indicators of the pulses that the account has subscribed to")
            .auth(Auth.KEY, OTX_KEY)
            .tlp(Tlp.GREEN)
            .timeToLive(Duration.ofDays(90))
            .build();
    FeedSettings.Override override = settings.override(info.id()).orElse(null);
    boolean elsewhere = override != null && override.location() != null;
    FeedInfo changed = override == null ? info : override.appliedTo(info);
    URI location = location(override, URI.create(OTX));
    return OtxPulses.feed(
        elsewhere ? changed.toBuilder().noAuth().build() : changed,
        location,
        request -> {
          allowPlainHttp(request, location);
          if (!elsewhere) {
            request.secretHeader("X-OTX-API-KEY");
          }
        },
        Clock.systemUTC());
  }
}
