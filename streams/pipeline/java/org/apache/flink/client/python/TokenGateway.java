package org.apache.flink.client.python;

import java.io.DataOutputStream;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.flink.api.python.shaded.py4j.CallbackClient;
import org.apache.flink.api.python.shaded.py4j.Gateway;
import org.apache.flink.api.python.shaded.py4j.GatewayServer;

/**
 * The bridge between Python and Java as PyFlink wants it, but with a token that either side asks of the other.
 *
 * <p>It stands in Flink's package because what it calls is open there only. The token stands in a file that only the platform's user may read: an environment and a list of processes get about.
 */
public final class TokenGateway {
  private TokenGateway() {}

  public static void main(String[] arguments) throws Exception {
    String token = Files.readString(Path.of(System.getProperty("airshed.doors"), "token")).strip();
    InetAddress loopback = InetAddress.getLoopbackAddress();
    GatewayServer server =
        new GatewayServer.GatewayServerBuilder()
            .gateway(new Gateway(new ConcurrentHashMap<String, Object>(), new CallbackClient(0, loopback, token)))
            .javaPort(0)
            .javaAddress(loopback)
            .authToken(token)
            .build();
    PythonEnvUtils.setGatewayServer(server);
    server.start(true);
    tell(Path.of(System.getenv("_PYFLINK_CONN_INFO_PATH")), server.getListeningPort());
    while (System.in.read() >= 0) {
      // Python holds the other end as long as it lives.
    }
    System.exit(0);
  }

  /** Write the port where PyFlink waits for it, at once or not at all. */
  private static void tell(Path place, int port) throws Exception {
    Path draft = Files.createTempFile(place.getParent(), "connection", ".info");
    try (DataOutputStream out = new DataOutputStream(Files.newOutputStream(draft))) {
      out.writeInt(port);
      out.writeInt(0);
    }
    Files.move(draft, place, StandardCopyOption.ATOMIC_MOVE);
  }
}
