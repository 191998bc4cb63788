package io.millrace.broker.group.classic;

import io.millrace.broker.group.GroupRequest.Client;
import io.millrace.broker.group.GroupRequest.Protocol;
import io.millrace.broker.group.GroupRequest.Timeouts;
import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** All that a classic group knows of a member, for a group that moves to or from this protocol. */
public record ClassicMemberState(
        String id,
        @Nullable String instanceId,
        Client client,
        Timeouts timeouts,
        List<Protocol> protocols,
        ByteBuffer assignment) {}
