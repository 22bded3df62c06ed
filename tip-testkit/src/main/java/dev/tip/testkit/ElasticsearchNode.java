// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.testkit;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.net.HttpURLConnection;
import java.net.Proxy;
import java.net.URI;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.DigestInputStream;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.security.cert.Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import javax.net.ssl.HttpsURLConnection;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManagerFactory;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/**
 * A real, single-node Elasticsearch on loopback, for tests. Linux only.
 *
 * <pre>{@code
 * try (ElasticsearchNode node = ElasticsearchNode.start(zip)) {
 *   client(node.url()); // http://127.0.0.1:PORT
 * }
 * }</pre>
 *
 * <p>The server comes from a zip that is already on this machine, such as {@code
 * org.elasticsearch.distribution.integ-test-zip:elasticsearch:8.19.21:zip} in the local Maven
 * repository; nothing is ever downloaded. It is unpacked once for each content into a folder below
 * {@code java.io.tmpdir} and shared read-only by later nodes; configuration, data and logs are the
 * node's own. The server refuses to run as root, so under root it runs as {@code nobody}.
 *
 * <p>The server is gone after {@link #close}, and also when this process ends without it, even by
 * SIGKILL: a shell in a session of its own holds the other end of a pipe, and at its end kills the
 * server and removes the node's folder.
 *
 * <p>A node may be used from any thread; the methods that change its state exclude each other.
 *
 * <p>This file needs the JDK alone, so that it can be run from source before anything is built:
 * {@code java ElasticsearchNode.java serve --zip ZIP --handoff FILE}.
 */
public final class ElasticsearchNode implements AutoCloseable {
  /** Changes when the layout of an unpacked server changes, so that older ones are not reused. */
  private static final String LAYOUT = "1";

  private static final Object UNPACKING = new Object();
  private static final String USER = "tip-test";
  private static final String KEYSTORE_PASSWORD = "changeit";
  private static final Duration POLL = Duration.ofMillis(100);
  private static final int LOG_TAIL = 40;

  /**
   * Runs the server for as long as its standard input is open. Orders are lines; each is answered
   * by one line. Job control gives the server a process group of its own, so that nothing it
   * started survives it.
   */
  private static final String SUPERVISOR =
      """
      set -m
      folder=$1 home=$2 server=
      cd /
      drop=()
      if [ "$(id -u)" = 0 ]; then
        if setpriv --reuid=nobody --regid="$(id -g nobody)" --clear-groups true; then
          drop=(setpriv --reuid=nobody --regid="$(id -g nobody)" --clear-groups)
        elif runuser -u nobody -- true; then
          drop=(runuser -u nobody --)
        elif su -s /bin/bash nobody -c true; then
          drop=(su -s /bin/bash nobody -c 'exec "$0" "$@"')
        else
          echo 'failed none of setpriv, runuser and su can run a command as nobody'
          exit 1
        fi
        chown -R nobody "$folder"
      fi
      if ! "${drop[@]}" test -x "$ES_JAVA_HOME/bin/java"; then
        echo "failed the user of the server cannot run $ES_JAVA_HOME/bin/java"
        exit 1
      fi
      if ! "${drop[@]}" test -r "$home/bin/elasticsearch" -a -w "$folder/data"; then
        echo "failed the user of the server cannot enter $home or $folder"
        exit 1
      fi
      alive() { [ -n "$server" ] && kill -0 -- "-$server"; }
      await() { for ((i = 0; i < $1; i++)); do alive || return 0; sleep 0.05; done; }
      finish() {
        trap '' EXIT HUP INT TERM
        if [ -n "$server" ]; then kill -KILL -- "-$server"; wait "$server"; await 100; fi
        rm -rf -- "$folder"
      }
      trap finish EXIT
      trap 'exit 1' HUP INT TERM
      echo ready
      while read -r order; do
        case $order in
          start)
            rm -f -- "$folder"/logs/*.ports
            "${drop[@]}" bash "$home/bin/elasticsearch" < /dev/null >> "$folder/logs/out.log" 2>&1 &
            server=$!
            echo "$server"
            ;;
          stop | kill)
            if [ -n "$server" ]; then
              if [ "$order" = stop ]; then kill -TERM -- "-$server"; await 600; fi
              kill -KILL -- "-$server"
              wait "$server"
              await 100
              server=
            fi
            echo gone
            ;;
        esac
      done
      """;

  /**
   * What the {@code .security} index asks for and the integration-test zip leaves out: without
   * these four, no user, role or API key can be stored.
   */
  private static final String ANALYSIS_PLUGIN =
      """
      package dev.tip.testkit.analysis;

      import java.util.Map;
      import java.util.function.UnaryOperator;
      import java.util.regex.Pattern;
      import org.apache.lucene.analysis.TokenStream;
      import org.apache.lucene.analysis.core.LowerCaseFilter;
      import org.apache.lucene.analysis.email.UAX29URLEmailTokenizer;
      import org.apache.lucene.analysis.miscellaneous.RemoveDuplicatesTokenFilter;
      import org.apache.lucene.analysis.pattern.PatternCaptureGroupTokenFilter;
      import org.elasticsearch.index.analysis.TokenFilterFactory;
      import org.elasticsearch.index.analysis.TokenizerFactory;
      import org.elasticsearch.indices.analysis.AnalysisModule.AnalysisProvider;
      import org.elasticsearch.plugins.AnalysisPlugin;
      import org.elasticsearch.plugins.Plugin;

      public final class SecurityAnalysisPlugin extends Plugin implements AnalysisPlugin {
        @Override
        public Map<String, AnalysisProvider<TokenFilterFactory>> getTokenFilters() {
          return Map.of(
              "lowercase", (index, env, name, settings) -> filter(name, LowerCaseFilter::new),
              "unique", (index, env, name, settings) -> filter(name, RemoveDuplicatesTokenFilter::new),
              "pattern_capture",
              AnalysisPlugin.requiresAnalysisSettings(
                  (index, env, name, settings) -> {
                    Pattern[] patterns =
                        settings.getAsList("patterns").stream().map(Pattern::compile).toArray(Pattern[]::new);
                    boolean keep = settings.getAsBoolean("preserve_original", true);
                    return filter(name, in -> new PatternCaptureGroupTokenFilter(in, keep, patterns));
                  }));
        }

        @Override
        public Map<String, AnalysisProvider<TokenizerFactory>> getTokenizers() {
          return Map.of(
              "uax_url_email",
              (index, env, name, settings) -> TokenizerFactory.newFactory(name, UAX29URLEmailTokenizer::new));
        }

        private static TokenFilterFactory filter(String name, UnaryOperator<TokenStream> wrap) {
          return new TokenFilterFactory() {
            @Override
            public String name() {
              return name;
            }

            @Override
            public TokenStream create(TokenStream in) {
              return wrap.apply(in);
            }
          };
        }
      }
      """;

  private final Builder options;
  private final Path folder;
  private final String password;
  private final Process supervisor;
  private final BufferedReader answers;
  private ProcessHandle server;
  private int port;
  private boolean closed;

  private ElasticsearchNode(Builder options) throws IOException, InterruptedException {
    this.options = options;
    Path base = baseFolder();
    Path home = unpack(options, base);
    folder = Files.createTempDirectory(base, "node-");
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
    password = randomPassword();
    try {
      configure(home);
      supervisor = supervise(home);
    } catch (IOException | RuntimeException e) {
      deleteTree(folder);
      throw e;
    }
    answers =
        new BufferedReader(
            new InputStreamReader(supervisor.getInputStream(), StandardCharsets.UTF_8));
    server = supervisor.toHandle();
    boolean started = false;
    try {
      String answer = answer();
      if (!answer.equals("ready")) {
        throw new IOException("Elasticsearch cannot be started: " + answer);
      }
      launch();
      started = true;
    } finally {
      if (!started) {
        close();
      }
    }
  }

  /**
   * Starts a node without security and waits until it answers.
   *
   * @param zip the server's zip
   * @throws IOException if it does not start; the message holds the end of its log
   */
  public static ElasticsearchNode start(Path zip) throws IOException, InterruptedException {
    return builder(zip).start();
  }

  /**
   * Options of a node.
   *
   * @param zip the server's zip
   */
  public static Builder builder(Path zip) {
    return new Builder(zip);
  }

  /**
   * The address of the HTTP interface, {@code http://127.0.0.1:PORT}, with {@code https} for a
   * secure node. It stays the same over {@link #restart}.
   */
  public synchronized String url() {
    return (options.security ? "https" : "http") + "://127.0.0.1:" + port;
  }

  /** The certificate to trust, in PEM; empty without security. */
  public Optional<Path> caFile() {
    return options.security
        ? Optional.of(folder.resolve("config").resolve("http.crt"))
        : Optional.empty();
  }

  /** The name of a user who may do everything; empty without security. */
  public Optional<String> user() {
    return options.security ? Optional.of(USER) : Optional.empty();
  }

  /** The password of {@link #user}, made at random for this node; empty without security. */
  public Optional<String> password() {
    return options.security ? Optional.of(password) : Optional.empty();
  }

  /** The process id of the running server, or of the one that ran last. */
  public synchronized long pid() {
    return server.pid();
  }

  /** The end of what the server wrote, at most forty lines, to be shown when a test fails. */
  public String log() {
    Path out = folder.resolve("logs").resolve("out.log");
    try (Stream<String> lines = Files.lines(out, StandardCharsets.ISO_8859_1)) {
      List<String> all = lines.toList();
      return String.join("\n", all.subList(Math.max(0, all.size() - LOG_TAIL), all.size()));
    } catch (IOException | UncheckedIOException e) {
      return "(no log: " + e.getMessage() + ")";
    }
  }

  /**
   * Kills the server with SIGKILL and waits until it is gone, as a crash would have it. Its data
   * stay for {@link #restart}.
   *
   * @throws IllegalStateException if the node is closed
   */
  public synchronized void kill() {
    requireOpen();
    order("kill");
    answer();
  }

  /**
   * Ends the server in good order and waits until it is gone, at most about 30 s. Its data stay for
   * {@link #restart}.
   *
   * @throws IllegalStateException if the node is closed
   */
  public synchronized void stop() {
    requireOpen();
    order("stop");
    answer();
  }

  /**
   * Starts the server again over the same data, on the same port and with the same password; one
   * that still runs is stopped first.
   *
   * @throws IOException if it does not start; the message holds the end of its log
   * @throws IllegalStateException if the node is closed
   */
  public synchronized void restart() throws IOException, InterruptedException {
    stop();
    launch();
  }

  /**
   * Kills the server and removes its data, configuration and logs. Does nothing the second time.
   */
  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    boolean interrupted = false;
    try {
      supervisor.getOutputStream().close();
    } catch (IOException e) {
      // The supervisor has ended, which is what closing its input asks for.
      supervisor.destroy();
    }
    while (supervisor.isAlive()) {
      try {
        supervisor.waitFor();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void requireOpen() {
    if (closed) {
      throw new IllegalStateException("the node is closed");
    }
  }

  private void order(String order) {
    try {
      OutputStream out = supervisor.getOutputStream();
      out.write((order + "\n").getBytes(StandardCharsets.UTF_8));
      out.flush();
    } catch (IOException e) {
      throw new UncheckedIOException("the supervisor of Elasticsearch has ended", e);
    }
  }

  private String answer() {
    try {
      String line = answers.readLine();
      return line == null ? "failed the supervisor has ended" : line;
    } catch (IOException e) {
      throw new UncheckedIOException("the supervisor of Elasticsearch has ended", e);
    }
  }

  private void launch() throws IOException, InterruptedException {
    long deadline = System.nanoTime() + options.startTimeout.toNanos();
    writeSettings();
    order("start");
    String pid = answer();
    Optional<ProcessHandle> handle = ProcessHandle.of(Long.parseLong(pid));
    if (handle.isPresent()) {
      server = handle.get();
    }
    SSLSocketFactory trust =
        options.security ? trust() : HttpsURLConnection.getDefaultSSLSocketFactory();
    while (!answers(trust)) {
      String why = handle.isEmpty() || !handle.get().isAlive() ? "ended" : "";
      if (why.isEmpty() && System.nanoTime() - deadline > 0) {
        why = "did not answer within " + options.startTimeout.toSeconds() + " s";
      }
      if (!why.isEmpty()) {
        throw new IOException("Elasticsearch " + why + "; the end of its log:\n" + log());
      }
      TimeUnit.NANOSECONDS.sleep(POLL.toNanos());
    }
  }

  private boolean answers(SSLSocketFactory trust) throws IOException {
    if (port == 0) {
      Path ports = folder.resolve("logs").resolve("http.ports");
      if (!Files.exists(ports)) {
        return false;
      }
      for (String address : Files.readAllLines(ports)) {
        if (address.startsWith("127.0.0.1:")) {
          port = Integer.parseInt(address.substring(address.indexOf(':') + 1).trim());
        }
      }
      if (port == 0) {
        return false;
      }
    }
    HttpURLConnection http =
        (HttpURLConnection)
            URI.create(url() + "/_cluster/health?wait_for_status=yellow&timeout=1s")
                .toURL()
                .openConnection(Proxy.NO_PROXY);
    http.setConnectTimeout(1_000);
    http.setReadTimeout(5_000);
    http.setRequestProperty("Connection", "close");
    if (http instanceof HttpsURLConnection https) {
      https.setSSLSocketFactory(trust);
      String credentials = USER + ":" + password;
      https.setRequestProperty(
          "Authorization",
          "Basic "
              + Base64.getEncoder().encodeToString(credentials.getBytes(StandardCharsets.UTF_8)));
    }
    try {
      return http.getResponseCode() == HttpURLConnection.HTTP_OK;
    } catch (IOException e) {
      // Not listening yet, or not for the whole cluster: the caller asks again until its deadline.
      return false;
    } finally {
      http.disconnect();
    }
  }

  private SSLSocketFactory trust() throws IOException {
    try {
      TrustManagerFactory managers =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      managers.init(keyStore(folder.resolve("config").resolve("http.p12")));
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(new KeyManager[0], managers.getTrustManagers(), new SecureRandom());
      return context.getSocketFactory();
    } catch (GeneralSecurityException e) {
      throw new IOException("the node's own certificate cannot be trusted", e);
    }
  }

  /** A trust store of the certificate in a key store. */
  private static KeyStore keyStore(Path file) throws IOException, GeneralSecurityException {
    KeyStore keys = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(file)) {
      keys.load(in, KEYSTORE_PASSWORD.toCharArray());
    }
    Certificate certificate = keys.getCertificate("http");
    KeyStore trusted = KeyStore.getInstance("PKCS12");
    trusted.load(null, null);
    trusted.setCertificateEntry("http", certificate);
    return trusted;
  }

  private void configure(Path home) throws IOException, InterruptedException {
    Path config = Files.createDirectory(folder.resolve("config"));
    for (String name : List.of("data", "logs", "tmp")) {
      Files.createDirectory(folder.resolve(name));
    }
    Files.createFile(folder.resolve("logs").resolve("out.log"));
    Files.createDirectory(config.resolve("jvm.options.d"));
    Path defaults = home.resolve("config");
    for (String name : List.of("log4j2.properties", "roles.yml", "role_mapping.yml")) {
      Files.copy(defaults.resolve(name), config.resolve(name));
    }
    List<String> jvm = new ArrayList<>();
    jvm.add("-Xms" + options.heapMegabytes + "m");
    jvm.add("-Xmx" + options.heapMegabytes + "m");
    // Measured on two cores: 12 s of processor time to the first answer, 22 s with C2.
    jvm.add("-XX:TieredStopAtLevel=1");
    jvm.add("-XX:+UseSerialGC");
    jvm.add("-XX:-UsePerfData");
    jvm.add("-Djava.io.tmpdir=" + folder.resolve("tmp"));
    jvm.addAll(options.jvmOptions);
    Files.write(config.resolve("jvm.options"), jvm);
    if (options.security) {
      makeCertificate(config);
      Files.writeString(config.resolve("users"), USER + ":" + passwordHash(password) + "\n");
      Files.writeString(config.resolve("users_roles"), "superuser:" + USER + "\n");
    }
  }

  private void writeSettings() throws IOException {
    Map<String, String> settings = new LinkedHashMap<>();
    settings.put("cluster.name", "tip-test");
    settings.put("node.name", "tip-test");
    settings.put("discovery.type", "single-node");
    settings.put("network.host", "127.0.0.1");
    settings.put("http.port", Integer.toString(port));
    settings.put("transport.port", "0");
    settings.put("node.portsfile", "true");
    settings.put("path.data", folder.resolve("data").toString());
    settings.put("path.logs", folder.resolve("logs").toString());
    settings.put("cluster.routing.allocation.disk.threshold_enabled", "false");
    settings.put("xpack.security.enabled", Boolean.toString(options.security));
    if (options.security) {
      settings.put("xpack.security.enrollment.enabled", "false");
      settings.put("xpack.security.transport.ssl.enabled", "false");
      settings.put("xpack.security.http.ssl.enabled", "true");
      settings.put("xpack.security.http.ssl.keystore.path", "http.p12");
      settings.put("xpack.security.http.ssl.keystore.password", KEYSTORE_PASSWORD);
    }
    settings.putAll(options.settings);
    StringBuilder yaml = new StringBuilder();
    settings.forEach(
        (key, value) ->
            yaml.append(key)
                .append(": \"")
                .append(value.replace("\\", "\\\\").replace("\"", "\\\""))
                .append("\"\n"));
    Files.writeString(folder.resolve("config").resolve("elasticsearch.yml"), yaml);
  }

  private Process supervise(Path home) throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(
            "setsid", "bash", "-c", SUPERVISOR, "supervisor", folder.toString(), home.toString());
    Map<String, String> environment = builder.environment();
    String path = environment.getOrDefault("PATH", "/usr/sbin:/usr/bin:/sbin:/bin");
    environment.clear();
    environment.put("PATH", path);
    environment.put("HOME", folder.resolve("tmp").toString());
    environment.put("ES_JAVA_HOME", System.getProperty("java.home"));
    environment.put("CLI_JAVA_OPTS", "-XX:TieredStopAtLevel=1 -XX:-UsePerfData");
    environment.put("ES_PATH_CONF", folder.resolve("config").toString());
    environment.put("ES_TMPDIR", folder.resolve("tmp").toString());
    return builder.redirectError(folder.resolve("supervisor.log").toFile()).start();
  }

  private static void makeCertificate(Path config) throws IOException, InterruptedException {
    Path store = config.resolve("http.p12");
    Process keytool =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-alias",
                "http",
                "-keyalg",
                "EC",
                "-groupname",
                "secp256r1",
                "-dname",
                "CN=tip-test",
                "-ext",
                "san=dns:localhost,ip:127.0.0.1",
                "-validity",
                "30",
                "-storetype",
                "PKCS12",
                "-storepass",
                KEYSTORE_PASSWORD,
                "-keystore",
                store.toString())
            .redirectErrorStream(true)
            .start();
    keytool.getOutputStream().close();
    String said = new String(keytool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (keytool.waitFor() != 0) {
      throw new IOException("keytool made no certificate: " + said);
    }
    try {
      byte[] der = keyStore(store).getCertificate("http").getEncoded();
      String body =
          Base64.getMimeEncoder(64, "\n".getBytes(StandardCharsets.US_ASCII)).encodeToString(der);
      Files.writeString(
          config.resolve("http.crt"),
          "-----BEGIN CERTIFICATE-----\n" + body + "\n-----END CERTIFICATE-----\n");
    } catch (GeneralSecurityException e) {
      throw new IOException("the certificate that keytool made cannot be read", e);
    }
  }

  private static String randomPassword() {
    byte[] bytes = new byte[18];
    new SecureRandom().nextBytes(bytes);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  /** The server's own PBKDF2 form of a password, as its {@code users} file may hold it. */
  private static String passwordHash(String password) throws IOException {
    int rounds = 10_000;
    byte[] salt = new byte[32];
    new SecureRandom().nextBytes(salt);
    try {
      byte[] hash =
          SecretKeyFactory.getInstance("PBKDF2WithHmacSHA512")
              .generateSecret(new PBEKeySpec(password.toCharArray(), salt, rounds, 256))
              .getEncoded();
      Base64.Encoder base64 = Base64.getEncoder();
      return "{PBKDF2}"
          + rounds
          + "$"
          + base64.encodeToString(salt)
          + "$"
          + base64.encodeToString(hash);
    } catch (GeneralSecurityException e) {
      throw new IOException("this JDK cannot hash a password with PBKDF2", e);
    }
  }

  /**
   * The folder of this user's servers and nodes, which every user may enter and only they write.
   */
  private static Path baseFolder() throws IOException {
    Path base =
        Path.of(System.getProperty("java.io.tmpdir"))
            .toAbsolutePath()
            .resolve("tip-elasticsearch-" + System.getProperty("user.name"));
    if (!Files.isDirectory(base, LinkOption.NOFOLLOW_LINKS)) {
      Files.createDirectories(base);
      Files.setPosixFilePermissions(base, PosixFilePermissions.fromString("rwxr-xr-x"));
    }
    Set<PosixFilePermission> permissions =
        Files.getPosixFilePermissions(base, LinkOption.NOFOLLOW_LINKS);
    boolean mine;
    try {
      Path probe = Files.createTempFile(base, "probe-", "");
      mine =
          Files.getOwner(probe).equals(Files.getOwner(base, LinkOption.NOFOLLOW_LINKS))
              && !permissions.contains(PosixFilePermission.GROUP_WRITE)
              && !permissions.contains(PosixFilePermission.OTHERS_WRITE);
      Files.delete(probe);
    } catch (AccessDeniedException e) {
      mine = false;
    }
    if (!mine) {
      throw new IOException(
          base
              + " belongs to or may be written by somebody else: remove it, or set java.io.tmpdir");
    }
    return base;
  }

  private static Path unpack(Builder options, Path base) throws IOException {
    Path home = base.resolve("home-" + contentKey(options));
    synchronized (UNPACKING) {
      try (FileChannel channel =
              FileChannel.open(
                  base.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
          FileLock lock = channel.lock()) {
        if (Files.isDirectory(home) && lock.isValid()) {
          return home;
        }
        Path partial = base.resolve("partial");
        deleteTree(partial);
        unzip(options.zip, partial);
        Path unpacked = onlyFolderIn(partial);
        if (!options.moduleJars.isEmpty()) {
          addModule(options.moduleJars, unpacked.resolve("modules"));
        }
        if (options.security) {
          addAnalysisPlugin(unpacked);
        }
        Files.move(unpacked, home, StandardCopyOption.ATOMIC_MOVE);
        deleteTree(partial);
      }
    }
    return home;
  }

  private static String contentKey(Builder options) throws IOException {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(
          (LAYOUT + (options.security ? ANALYSIS_PLUGIN : "")).getBytes(StandardCharsets.UTF_8));
      List<Path> files = new ArrayList<>(options.moduleJars);
      files.add(0, options.zip);
      for (Path file : files) {
        try (InputStream in = new DigestInputStream(Files.newInputStream(file), digest)) {
          in.transferTo(OutputStream.nullOutputStream());
        }
      }
      return HexFormat.of().formatHex(digest.digest(), 0, 8);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  private static void unzip(Path zip, Path target) throws IOException {
    try (ZipFile file = new ZipFile(zip.toFile())) {
      for (ZipEntry entry : file.stream().toList()) {
        Path path = target.resolve(entry.getName()).normalize();
        if (!path.startsWith(target)) {
          throw new IOException(zip + " has an entry outside its folder: " + entry.getName());
        }
        if (entry.isDirectory()) {
          Files.createDirectories(path);
          continue;
        }
        Files.createDirectories(path.getParent());
        try (InputStream in = file.getInputStream(entry)) {
          Files.copy(in, path);
        }
      }
    }
    openToAll(target);
  }

  /** Everybody may read and enter, whatever the umask and the zip say; only the owner may write. */
  private static void openToAll(Path tree) throws IOException {
    Set<PosixFilePermission> folders = PosixFilePermissions.fromString("rwxr-xr-x");
    Set<PosixFilePermission> files = PosixFilePermissions.fromString("rw-r--r--");
    try (Stream<Path> paths = Files.walk(tree)) {
      for (Path path : paths.toList()) {
        Files.setPosixFilePermissions(path, Files.isDirectory(path) ? folders : files);
      }
    }
  }

  private static Path onlyFolderIn(Path folder) throws IOException {
    try (DirectoryStream<Path> children = Files.newDirectoryStream(folder)) {
      for (Path child : children) {
        if (Files.isRegularFile(child.resolve("bin").resolve("elasticsearch"))) {
          return child;
        }
      }
    }
    throw new IOException("the zip holds no folder with bin/elasticsearch");
  }

  /**
   * A module as Maven Central has it: its jar carries the descriptor that a module folder wants.
   */
  private static void addModule(List<Path> jars, Path modules) throws IOException {
    String prefix = "META-INF/es-plugins/";
    String name = "";
    for (Path jar : jars) {
      try (JarFile file = new JarFile(jar.toFile())) {
        for (JarEntry entry : file.stream().toList()) {
          String path = entry.getName();
          if (!path.startsWith(prefix) || entry.isDirectory()) {
            continue;
          }
          name = path.substring(prefix.length(), path.lastIndexOf('/'));
          Path module = Files.createDirectories(modules.resolve(name));
          try (InputStream in = file.getInputStream(entry)) {
            Files.copy(in, module.resolve(path.substring(path.lastIndexOf('/') + 1)));
          }
        }
      }
    }
    if (name.isEmpty() || name.contains("/")) {
      throw new IOException("none of these jars has a descriptor below " + prefix + ": " + jars);
    }
    for (Path jar : jars) {
      Files.copy(jar, modules.resolve(name).resolve(jar.getFileName().toString()));
    }
    openToAll(modules.resolve(name));
  }

  private static void addAnalysisPlugin(Path home) throws IOException {
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    if (compiler == null) {
      throw new IOException("a secure node needs a JDK: this Java has no compiler");
    }
    String name = "dev.tip.testkit.analysis.SecurityAnalysisPlugin";
    Path work = Files.createTempDirectory(home, "plugin-");
    Path source = work.resolve("SecurityAnalysisPlugin.java");
    Files.writeString(source, ANALYSIS_PLUGIN);
    Path classes = Files.createDirectory(work.resolve("classes"));
    StringWriter said = new StringWriter();
    try (StandardJavaFileManager files =
            compiler.getStandardFileManager(null, Locale.ROOT, StandardCharsets.UTF_8);
        Stream<Path> libraries = Files.list(home.resolve("lib"))) {
      String classPath =
          String.join(
              ":",
              libraries
                  .map(Path::toString)
                  .filter(path -> path.endsWith(".jar"))
                  .sorted()
                  .toList());
      boolean compiled =
          compiler
              .getTask(
                  said,
                  files,
                  null,
                  List.of(
                      "--release",
                      "17",
                      "-proc:none",
                      "-nowarn",
                      "-cp",
                      classPath,
                      "-d",
                      classes.toString()),
                  null,
                  files.getJavaFileObjects(source))
              .call();
      if (!compiled) {
        throw new IOException("the analysis plugin does not fit this server:\n" + said);
      }
    }
    Path plugin = Files.createDirectories(home.resolve("plugins").resolve("tip-testkit-analysis"));
    try (JarOutputStream jar =
            new JarOutputStream(Files.newOutputStream(plugin.resolve("plugin.jar")));
        Stream<Path> compiled = Files.walk(classes)) {
      for (Path path : compiled.filter(Files::isRegularFile).sorted().toList()) {
        jar.putNextEntry(new JarEntry(classes.relativize(path).toString()));
        Files.copy(path, jar);
        jar.closeEntry();
      }
    }
    Files.writeString(
        plugin.resolve("plugin-descriptor.properties"),
        """
        name=tip-testkit-analysis
        description=What the security index needs
        version=1
        java.version=17
        elasticsearch.version=%s
        classname=%s
        """
            .formatted(version(home), name));
    openToAll(home.resolve("plugins"));
    deleteTree(work);
  }

  private static String version(Path home) throws IOException {
    String prefix = "elasticsearch-core-";
    try (DirectoryStream<Path> jars =
        Files.newDirectoryStream(home.resolve("lib"), prefix + "*.jar")) {
      for (Path jar : jars) {
        String name = jar.getFileName().toString();
        return name.substring(prefix.length(), name.length() - ".jar".length());
      }
    }
    throw new IOException("no " + prefix + "*.jar in " + home.resolve("lib"));
  }

  private static void deleteTree(Path tree) throws IOException {
    if (!Files.exists(tree, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    Files.walkFileTree(
        tree,
        new SimpleFileVisitor<Path>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.delete(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path folder, IOException failure)
              throws IOException {
            Files.delete(folder);
            return FileVisitResult.CONTINUE;
          }
        });
  }

  /**
   * Runs a node until standard input closes, or until another process ends:
   *
   * <pre>
   * serve --zip ZIP --handoff FILE [--kql JAR[:JAR]…] [--parent PID]
   * </pre>
   *
   * <p>Once the server answers, FILE appears whole, a properties file with {@code url}, {@code pid}
   * and {@code folder}.
   */
  public static void main(String[] args) throws IOException, InterruptedException {
    Map<String, String> given = new LinkedHashMap<>();
    boolean usable = args.length % 2 == 1 && args[0].equals("serve");
    for (int i = 1; usable && i < args.length; i += 2) {
      usable = Set.of("--zip", "--handoff", "--kql", "--parent").contains(args[i]);
      given.put(args[i], args[i + 1]);
    }
    if (!usable || !given.keySet().containsAll(Set.of("--zip", "--handoff"))) {
      throw new IllegalArgumentException(
          "usage: serve --zip ZIP --handoff FILE [--kql JAR[:JAR]...] [--parent PID]");
    }
    List<Path> kql =
        Stream.of(given.getOrDefault("--kql", "").split(":", -1))
            .filter(jar -> !jar.isEmpty())
            .map(Path::of)
            .toList();
    try (ElasticsearchNode node = builder(Path.of(given.get("--zip"))).kql(kql).start()) {
      Path handoff = Path.of(given.get("--handoff")).toAbsolutePath();
      Properties properties = new Properties();
      properties.setProperty("url", node.url());
      properties.setProperty("pid", Long.toString(node.pid()));
      properties.setProperty("folder", node.folder.toString());
      Path partial = handoff.resolveSibling(handoff.getFileName() + ".partial");
      try (OutputStream out = Files.newOutputStream(partial)) {
        properties.store(out, "a node for as long as its parent runs");
      }
      Files.move(partial, handoff, StandardCopyOption.ATOMIC_MOVE);
      String parent = given.get("--parent");
      if (parent == null) {
        System.in.transferTo(OutputStream.nullOutputStream());
      } else {
        ProcessHandle.of(Long.parseLong(parent)).ifPresent(p -> p.onExit().join());
      }
    }
  }

  /** Options of a node; not for use by several threads. */
  public static final class Builder {
    private final Path zip;
    private final Map<String, String> settings = new LinkedHashMap<>();
    private final List<String> jvmOptions = new ArrayList<>();
    private List<Path> moduleJars = List.of();
    private boolean security;
    private int heapMegabytes = 512;
    private Duration startTimeout = Duration.ofMinutes(3);

    private Builder(Path zip) {
      this.zip = Objects.requireNonNull(zip, "zip").toAbsolutePath();
    }

    /** With users, roles, API keys and TLS under a certificate of its own; off unless asked for. */
    public Builder security(boolean on) {
      this.security = on;
      return this;
    }

    /**
     * Adds the server's KQL module, which the integration-test zip leaves out.
     *
     * @param jars {@code org.elasticsearch.plugin:x-pack-kql} of the server's own version and its
     *     {@code org.antlr:antlr4-runtime}; none for no module
     */
    public Builder kql(List<Path> jars) {
      this.moduleJars = jars.stream().map(Path::toAbsolutePath).toList();
      return this;
    }

    /** A line of {@code elasticsearch.yml}; wins over what the node sets itself. */
    public Builder setting(String key, String value) {
      settings.put(Objects.requireNonNull(key, "key"), Objects.requireNonNull(value, "value"));
      return this;
    }

    /**
     * One more option of the server's JVM, which wins over earlier ones. A benchmark wants {@code
     * -XX:TieredStopAtLevel=4}: the node is set to start fast and stops at the first compiler.
     */
    public Builder jvmOption(String option) {
      jvmOptions.add(Objects.requireNonNull(option, "option"));
      return this;
    }

    /** The server's heap in MiB; 512 unless set. */
    public Builder heapMegabytes(int mebibytes) {
      if (mebibytes < 128) {
        throw new IllegalArgumentException("the server needs at least 128 MiB");
      }
      this.heapMegabytes = mebibytes;
      return this;
    }

    /** How long {@link #start} and {@link #restart} wait for an answer; 3 minutes unless set. */
    public Builder startTimeout(Duration timeout) {
      this.startTimeout = Objects.requireNonNull(timeout, "timeout");
      return this;
    }

    /**
     * Starts the node and waits until it answers.
     *
     * @throws IOException if it does not start; the message holds the end of its log
     */
    public ElasticsearchNode start() throws IOException, InterruptedException {
      if (!Files.isRegularFile(zip)) {
        throw new IOException(
            "no server zip at "
                + zip
                + ": let Maven resolve org.elasticsearch.distribution.integ-test-zip:elasticsearch:8.19.21:zip");
      }
      return new ElasticsearchNode(this);
    }
  }
}
