package org.apache.beam.sdk.fn.server;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.beam.model.pipeline.v1.Endpoints.ApiServiceDescriptor;
import org.apache.beam.vendor.grpc.v1p60p1.io.grpc.BindableService;
import org.apache.beam.vendor.grpc.v1p60p1.io.grpc.Server;
import org.apache.beam.vendor.grpc.v1p60p1.io.grpc.ServerInterceptors;
import org.apache.beam.vendor.grpc.v1p60p1.io.grpc.netty.NettyServerBuilder;
import org.apache.beam.vendor.grpc.v1p60p1.io.netty.channel.EventLoopGroup;
import org.apache.beam.vendor.grpc.v1p60p1.io.netty.channel.epoll.Epoll;
import org.apache.beam.vendor.grpc.v1p60p1.io.netty.channel.epoll.EpollEventLoopGroup;
import org.apache.beam.vendor.grpc.v1p60p1.io.netty.channel.epoll.EpollServerDomainSocketChannel;
import org.apache.beam.vendor.grpc.v1p60p1.io.netty.channel.unix.DomainSocketAddress;

/**
 * Stands before Beam's class of this name, whose servers listen on all addresses of the machine and ask nobody who he is.
 *
 * <p>On Linux the servers are sockets in a folder that only the platform's user may enter. Elsewhere they listen on loopback
 * alone, and only where a person has allowed that others on the machine reach them.
 */
public abstract class ServerFactory {
  private static final int KEEP_ALIVE_S = 19;

  public static ServerFactory createDefault() {
    return new Closed();
  }

  public abstract Server allocateAddressAndCreate(
      List<BindableService> services, ApiServiceDescriptor.Builder descriptor) throws IOException;

  public abstract Server create(List<BindableService> services, ApiServiceDescriptor descriptor) throws IOException;

  private static final class Closed extends ServerFactory {
    private static final AtomicInteger COUNT = new AtomicInteger();
    private static EventLoopGroup threads;

    @Override
    public Server allocateAddressAndCreate(List<BindableService> services, ApiServiceDescriptor.Builder descriptor)
        throws IOException {
      if (!Epoll.isAvailable()) {
        return onLoopback(services, descriptor);
      }
      Path place = Path.of(System.getProperty("airshed.doors"), "beam" + COUNT.incrementAndGet());
      descriptor.setUrl("unix:" + place);
      return start(onSockets(new DomainSocketAddress(place.toFile())), services);
    }

    @Override
    public Server create(List<BindableService> services, ApiServiceDescriptor descriptor) throws IOException {
      throw new IOException("no server at a given address is expected, but one at " + descriptor.getUrl());
    }

    private static Server onLoopback(List<BindableService> services, ApiServiceDescriptor.Builder descriptor)
        throws IOException {
      if (!Boolean.getBoolean("airshed.open")) {
        throw new IOException("sockets of this kind are not to be had, and open ports were not allowed", Epoll.unavailabilityCause());
      }
      InetAddress loopback = InetAddress.getLoopbackAddress();
      Server server = start(NettyServerBuilder.forAddress(new InetSocketAddress(loopback, 0)), services);
      descriptor.setUrl(loopback.getHostAddress() + ":" + server.getPort());
      return server;
    }

    /** All servers share two threads: each of them has next to nothing to do. */
    private static synchronized NettyServerBuilder onSockets(SocketAddress address) {
      if (threads == null) {
        threads = new EpollEventLoopGroup(2, Closed::daemon);
      }
      return NettyServerBuilder.forAddress(address)
          .channelType(EpollServerDomainSocketChannel.class)
          .workerEventLoopGroup(threads)
          .bossEventLoopGroup(threads);
    }

    private static Thread daemon(Runnable task) {
      Thread thread = new Thread(task, "beam-sockets");
      thread.setDaemon(true);
      return thread;
    }

    private static Server start(NettyServerBuilder builder, List<BindableService> services) throws IOException {
      builder.maxInboundMessageSize(Integer.MAX_VALUE).permitKeepAliveTime(KEEP_ALIVE_S, TimeUnit.SECONDS);
      for (BindableService service : services) {
        builder.addService(ServerInterceptors.intercept(service, GrpcContextHeaderAccessorProvider.interceptor()));
      }
      return builder.build().start();
    }
  }
}
