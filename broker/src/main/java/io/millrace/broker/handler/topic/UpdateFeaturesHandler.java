package io.millrace.broker.handler.topic;

import io.millrace.broker.handler.ApiHandler;
import io.millrace.broker.wire.Request;
import java.util.List;
import org.apache.kafka.common.message.UpdateFeaturesRequestData;
import org.apache.kafka.common.message.UpdateFeaturesResponseData;
import org.apache.kafka.common.message.UpdateFeaturesResponseData.UpdatableFeatureResult;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.UpdateFeaturesRequest;
import org.apache.kafka.common.requests.UpdateFeaturesResponse;

/** UpdateFeatures: this broker has no features with levels, so there is none to change. */
public final class UpdateFeaturesHandler implements ApiHandler {
    private static final short ONE_ERROR_SINCE = 2;

    @Override
    public ApiKeys api() {
        return ApiKeys.UPDATE_FEATURES;
    }

    @Override
    public void handle(Request request) {
        UpdateFeaturesRequestData asked = request.body(UpdateFeaturesRequest.class).data();
        var data = new UpdateFeaturesResponseData();
        List<String> names = asked.featureUpdates().stream().map(each -> each.feature()).toList();
        String problem =
                "Invalid update version for features %s: this broker does not support them."
                        .formatted(names);
        if (!names.isEmpty()) {
            data.setErrorCode(Errors.INVALID_UPDATE_VERSION.code()).setErrorMessage(problem);
        }
        if (request.version() < ONE_ERROR_SINCE) {
            names.forEach(name ->
                    data.results()
                            .add(
                                    new UpdatableFeatureResult()
                                            .setFeature(name)
                                            .setErrorCode(Errors.INVALID_UPDATE_VERSION.code())
                                            .setErrorMessage(problem)));
        }
        request.answer(new UpdateFeaturesResponse(data));
    }
}
