package io.millrace.bench.delivery;

import io.millrace.bench.load.BrokerConnection;
import io.millrace.bench.load.Target;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerPartitionAssignor.Subscription;
import org.apache.kafka.clients.consumer.internals.ConsumerProtocol;
import org.apache.kafka.common.message.HeartbeatRequestData;
import org.apache.kafka.common.message.JoinGroupRequestData;
import org.apache.kafka.common.message.JoinGroupRequestData.JoinGroupRequestProtocol;
import org.apache.kafka.common.message.JoinGroupRequestData.JoinGroupRequestProtocolCollection;
import org.apache.kafka.common.message.JoinGroupResponseData;
import org.apache.kafka.common.message.LeaveGroupRequestData.MemberIdentity;
import org.apache.kafka.common.message.SyncGroupRequestData;
import org.apache.kafka.common.message.SyncGroupRequestData.SyncGroupRequestAssignment;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.HeartbeatRequest;
import org.apache.kafka.common.requests.HeartbeatResponse;
import org.apache.kafka.common.requests.JoinGroupRequest;
import org.apache.kafka.common.requests.JoinGroupResponse;
import org.apache.kafka.common.requests.LeaveGroupRequest;
import org.apache.kafka.common.requests.SyncGroupRequest;
import org.apache.kafka.common.requests.SyncGroupResponse;

/**
 * A member by the classic protocol. Its leader gives each member a number of partitions, in four
 * bytes: the broker does not look into them.
 */
final class ClassicMember extends Member {
    private static final short JOIN = 5;
    private static final short SYNC = 3;
    private static final short HEARTBEAT = 3;
    private static final short LEAVE = 3;
    private static final int TIMEOUT_MS = 30_000;

    private final Target target;
    private final String group;
    private final Agreement agreement;
    private String id = "";
    private int generation = -1;

    ClassicMember(Target target, String group, Agreement agreement) {
        this.target = target;
        this.group = group;
        this.agreement = agreement;
    }

    @Override
    public Boolean run() throws IOException, InterruptedException {
        try (var connection = new BrokerConnection(target.broker())) {
            while (!isStopped()) {
                if (!sync(connection, join(connection))) {
                    continue;
                }
                Errors error = Errors.NONE;
                while (error == Errors.NONE && !isStopped()) {
                    pause();
                    error = heartbeat(connection);
                }
                agreement.unsettled(this);
                if (error != Errors.NONE && error != Errors.REBALANCE_IN_PROGRESS) {
                    throw unexpected("Heartbeat", error);
                }
            }
            connection.ask(
                    new LeaveGroupRequest.Builder(
                                    group, List.of(new MemberIdentity().setMemberId(id)))
                            .build(LEAVE));
        }
        return true;
    }

    private JoinGroupResponseData join(BrokerConnection connection)
            throws IOException, InterruptedException {
        while (true) {
            ByteBuffer answer = connection.ask(joinRequest().build(JOIN));
            var response = JoinGroupResponse.parse(new ByteBufferAccessor(answer), JOIN);
            switch (response.error()) {
                case NONE -> {
                    id = response.data().memberId();
                    generation = response.data().generationId();
                    return response.data();
                }
                case MEMBER_ID_REQUIRED -> id = response.data().memberId();
                default -> {
                    if (!isToBeAskedAgain(response.error())) {
                        throw unexpected("JoinGroup", response.error());
                    }
                }
            }
        }
    }

    private JoinGroupRequest.Builder joinRequest() {
        ByteBuffer subscription =
                ConsumerProtocol.serializeSubscription(new Subscription(List.of(target.topic())));
        byte[] metadata = new byte[subscription.remaining()];
        subscription.get(metadata);
        var protocols = new JoinGroupRequestProtocolCollection();
        protocols.add(new JoinGroupRequestProtocol().setName("range").setMetadata(metadata));
        return new JoinGroupRequest.Builder(
                new JoinGroupRequestData()
                        .setGroupId(group)
                        .setMemberId(id)
                        .setProtocolType("consumer")
                        .setProtocols(protocols)
                        .setSessionTimeoutMs(TIMEOUT_MS)
                        .setRebalanceTimeoutMs(TIMEOUT_MS));
    }

    /** Whether the generation began before the next one was wanted. */
    private boolean sync(BrokerConnection connection, JoinGroupResponseData joined)
            throws IOException {
        var request =
                new SyncGroupRequestData()
                        .setGroupId(group)
                        .setMemberId(id)
                        .setGenerationId(generation)
                        .setAssignments(assignments(joined));
        ByteBuffer answer = connection.ask(new SyncGroupRequest.Builder(request).build(SYNC));
        var response = SyncGroupResponse.parse(new ByteBufferAccessor(answer), SYNC);
        if (response.error() == Errors.REBALANCE_IN_PROGRESS) {
            return false;
        }
        if (response.error() != Errors.NONE) {
            throw unexpected("SyncGroup", response.error());
        }
        agreement.settled(this, generation, ByteBuffer.wrap(response.data().assignment()).getInt());
        return true;
    }

    private List<SyncGroupRequestAssignment> assignments(JoinGroupResponseData joined) {
        var assignments = new ArrayList<SyncGroupRequestAssignment>();
        int members = joined.members().size();
        for (int i = 0; i < members; i++) {
            int count = target.partitions() / members;
            int owned = i < target.partitions() % members ? count + 1 : count;
            assignments.add(
                    new SyncGroupRequestAssignment()
                            .setMemberId(joined.members().get(i).memberId())
                            .setAssignment(
                                    ByteBuffer.allocate(Integer.BYTES).putInt(owned).array()));
        }
        return assignments;
    }

    private Errors heartbeat(BrokerConnection connection) throws IOException {
        var request =
                new HeartbeatRequestData()
                        .setGroupId(group)
                        .setMemberId(id)
                        .setGenerationId(generation);
        ByteBuffer answer = connection.ask(new HeartbeatRequest.Builder(request).build(HEARTBEAT));
        return HeartbeatResponse.parse(new ByteBufferAccessor(answer), HEARTBEAT).error();
    }
}
