package io.millrace.broker.handler.quorum;

import io.millrace.broker.handler.ApiHandler;
import io.millrace.broker.wire.Request;
import io.millrace.cluster.quorum.NotControllerException;
import io.millrace.cluster.quorum.raft.RaftQuorum;
import java.util.concurrent.CompletionException;
import org.apache.kafka.common.message.UpdateFeaturesRequestData;
import org.apache.kafka.common.message.UpdateFeaturesRequestData.FeatureUpdateKey;
import org.apache.kafka.common.message.UpdateFeaturesResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.UpdateFeaturesRequest;
import org.apache.kafka.common.requests.UpdateFeaturesResponse;
import org.jspecify.annotations.Nullable;

/**
 * UpdateFeatures at the controller that leads: {@code kraft.version}, which the quorum keeps by
 * itself.
 *
 * @param others changes all other levels, and those together with what is in force of this one
 */
record RaiseVersionHandler(RaftQuorum quorum, ApiHandler others) implements ApiHandler {
    @Override
    public ApiKeys api() {
        return ApiKeys.UPDATE_FEATURES;
    }

    @Override
    public void handle(Request request) {
        UpdateFeaturesRequestData asked = request.body(UpdateFeaturesRequest.class).data();
        FeatureUpdateKey update = asked.featureUpdates().find(QuorumVersion.FEATURE);
        if (update == null || asked.featureUpdates().size() != 1) {
            others.handle(request);
            return;
        }
        String problem = problem(update.maxVersionLevel());
        if (problem != null) {
            request.answer(
                    answer(
                            Errors.INVALID_UPDATE_VERSION,
                            "The update failed for all features since the following feature had an error: Invalid update version %d for feature %s. %s"
                                    .formatted(
                                            update.maxVersionLevel(),
                                            QuorumVersion.FEATURE,
                                            problem)));
            return;
        }
        var _ =
                quorum.upgrade(update.maxVersionLevel(), asked.validateOnly())
                        .whenComplete((_, failure) -> request.answer(answer(failure)));
    }

    private @Nullable String problem(short level) {
        if (level > QuorumVersion.HIGHEST) {
            return "This controller only supports versions 0-%d".formatted(QuorumVersion.HIGHEST);
        }
        return level < quorum.version() ? "Can't downgrade the version of this feature." : null;
    }

    private static UpdateFeaturesResponse answer(@Nullable Throwable failure) {
        Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
        return switch (cause) {
            case null -> answer(Errors.NONE, null);
            case NotControllerException e -> answer(Errors.NOT_CONTROLLER, e.getMessage());
            case IllegalArgumentException e ->
                    answer(Errors.INVALID_UPDATE_VERSION, e.getMessage());
            default -> answer(Errors.forException(cause), cause.getMessage());
        };
    }

    private static UpdateFeaturesResponse answer(Errors error, @Nullable String message) {
        return new UpdateFeaturesResponse(
                new UpdateFeaturesResponseData()
                        .setErrorCode(error.code())
                        .setErrorMessage(message));
    }
}
